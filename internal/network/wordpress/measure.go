package wordpress

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// PostMetrics counts each item's approved comments. When the site stops answering midway, what was read so far comes
// with the error.
func (n WordPress) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	var out []network.Measured
	for _, it := range items {
		there, err := n.Read(ctx, s, it)
		if err != nil {
			return out, err
		}
		if !there.Exists {
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
			continue
		}
		q := url.Values{"per_page": {"1"}, "_fields": {"id"}}
		if number, ok := strings.CutPrefix(it.ID, commentPrefix); ok {
			q.Set("parent", number)
		} else {
			q.Set("post", it.ID)
		}
		var some []comment
		resp, err := at(s).get(ctx, "/wp/v2/comments", q, &some)
		if err != nil {
			return out, err
		}
		m := network.Measured{RemoteID: it.ID, Values: network.Values{}}
		if total, err := strconv.ParseInt(resp.Header.Get("X-WP-Total"), 10, 64); err == nil && total >= 0 {
			m.Values["M-COMM"] = total
		}
		out = append(out, m)
	}
	return out, nil
}

// AccountMetrics has no numbers: WordPress counts neither readers nor followers. It only asks whether the account works.
func (WordPress) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var me struct {
		ID int64 `json:"id"`
	}
	_, err := at(s).get(ctx, "/wp/v2/users/me", nil, &me)
	return network.Values{}, err
}
