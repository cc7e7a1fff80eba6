package wordpress

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// History reads the site's older comments, all of them. A place is how many were read.
func (WordPress) History(ctx context.Context, s network.Session, place string) (network.Batch, error) {
	skip := 0
	if place != "" {
		var err error
		if skip, err = strconv.Atoi(place); err != nil {
			return network.Batch{}, fault.Wrap(fault.Internal, err, "the stored place in the comments cannot be read")
		}
	}
	q := url.Values{"orderby": {"id"}, "order": {"desc"}, "per_page": {strconv.Itoa(page)}, "offset": {strconv.Itoa(skip)}}
	if can(s.Account, "moderate_comments") {
		q.Set("context", "edit")
		q.Set("status", "all")
	}
	var list []comment
	if _, err := at(s).get(ctx, "/wp/v2/comments", q, &list); err != nil {
		return network.Batch{}, err
	}
	b := network.Batch{Cursor: strconv.Itoa(skip + len(list)), More: len(list) == page}
	for _, c := range slices.Backward(list) {
		b.Messages = append(b.Messages, c.message(s.Account.Extra["user"]))
	}
	return b, nil
}
