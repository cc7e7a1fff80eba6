package linkedin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's posts and comments.
func (LinkedIn) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment:
		return []network.Act{network.Like, network.Unlike, network.Delete}
	case network.Mention:
		return []network.Act{network.Like, network.Unlike}
	}
	return nil
}

// Act carries one out.
func (n LinkedIn) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	x, me := n.server(s), escape(s.Account.ID)
	switch act {
	case network.Like:
		resp, err := x.repeat(ctx, http.MethodPost, "/rest/reactions?actor="+me, "", map[string]string{"root": on.ID, "reactionType": "LIKE"}, nil)
		if resp != nil && resp.Status == http.StatusConflict {
			return nil // it is there already
		}
		return err
	case network.Unlike:
		_, err := x.repeat(ctx, http.MethodDelete, "/rest/reactions/(actor:"+me+",entity:"+escape(on.ID)+")", "DELETE", nil, nil)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		return err
	case network.Delete: // an organisation may take away comments below its own posts
		return n.Delete(ctx, s, on)
	}
	return fault.Rejectedf("LinkedIn has no way to %s an item", act)
}

// SearchPeople finds organisations by the last part of their page's address, such as acme of linkedin.com/company/acme.
// The id carries the name, without which LinkedIn makes no mention of it.
func (n LinkedIn) SearchPeople(ctx context.Context, s network.Session, query string, limit int) ([]network.Person, error) {
	query = strings.ToLower(strings.TrimSpace(query))
	if query == "" || limit < 1 || !isOrganization(s.Account) {
		return nil, nil
	}
	var list struct {
		Elements []company `json:"elements"`
	}
	_, err := n.server(s).get(ctx, "/rest/organizations?"+url.Values{"q": {"vanityName"}, "vanityName": {query}}.Encode(), "FINDER", &list)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	var people []network.Person
	for _, o := range list.Elements[:min(limit, len(list.Elements))] {
		people = append(people, network.Person{ID: "urn:li:organization:" + strconv.FormatInt(o.ID, 10) + "#" + o.Name, Handle: o.Vanity, Name: o.Name, URL: "https://www.linkedin.com/company/" + o.Vanity})
	}
	return people, err
}
