package linkedin

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const batch = 20 // posts in one call

// PostMetrics reads each post's numbers. When LinkedIn stops answering midway, what was read so far comes with the error.
func (n LinkedIn) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	x := n.server(s)
	if !isOrganization(s.Account) {
		return x.memberPosts(ctx, s.Grant.Scopes, items)
	}
	var out []network.Measured
	for _, kind := range []string{"share", "ugcPost"} {
		var urns []string
		for _, it := range items {
			if strings.HasPrefix(it.ID, "urn:li:"+kind+":") {
				urns = append(urns, it.ID)
			}
		}
		for some := range slices.Chunk(urns, batch) {
			found, err := x.statistics(ctx, kind, some)
			if out = append(out, found...); err != nil {
				return out, err
			}
		}
	}
	for _, it := range items {
		i := slices.IndexFunc(out, func(m network.Measured) bool { return m.RemoteID == it.ID && !m.Gone })
		if it.Data["video"] == "" || i < 0 {
			continue
		}
		if err := x.film(ctx, it.ID, &out[i]); err != nil {
			return out, err
		}
	}
	return out, nil
}

// film adds how an organisation's video was watched, one number at a time: LinkedIn has no other way.
func (s server) film(ctx context.Context, urn string, m *network.Measured) error {
	for _, q := range []struct {
		kind, id string
		unit     int64
	}{{"VIDEO_VIEW", "M-VVIEW", 1}, {"TIME_WATCHED", "M-VTIME", 1000}} {
		var list struct {
			Elements []struct {
				Value *int64 `json:"value"`
			} `json:"elements"`
		}
		_, err := s.get(ctx, "/rest/videoAnalytics?q=entity&entity="+escape(urn)+"&type="+q.kind+"&aggregation=ALL", "FINDER", &list)
		if fault.Is(err, fault.Rejected) || fault.Is(err, fault.NotFound) {
			return nil // not counted yet
		}
		if err != nil {
			return err
		}
		if len(list.Elements) > 0 && list.Elements[0].Value != nil && m.Values != nil {
			m.Values[q.id] = *list.Elements[0].Value / q.unit
		}
	}
	return nil
}

// statistics reads some posts of one kind. LinkedIn leaves out posts that are gone, and posts nobody has seen yet:
// which it is, the post itself says.
func (s server) statistics(ctx context.Context, kind string, urns []string) (out []network.Measured, err error) {
	var list struct {
		Elements []struct {
			Share string `json:"share"`
			Post  string `json:"ugcPost"`
			Total struct {
				Impressions *int64 `json:"impressionCount"`
				Unique      *int64 `json:"uniqueImpressionsCount"`
				Clicks      *int64 `json:"clickCount"`
				Likes       *int64 `json:"likeCount"`
				Comments    *int64 `json:"commentCount"`
				Shares      *int64 `json:"shareCount"`
			} `json:"totalShareStatistics"`
		} `json:"elements"`
	}
	var escaped []string
	for _, u := range urns {
		escaped = append(escaped, escape(u))
	}
	_, err = s.get(ctx, "/rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="+escape(s.me.ID)+"&"+kind+"s=List("+strings.Join(escaped, ",")+")", "FINDER", &list)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, e := range list.Elements {
		v, t := network.Values{}, e.Total
		for id, n := range map[string]*int64{"M-IMPR": t.Impressions, "M-REACH": t.Unique, "M-LCLICK": t.Clicks, "M-LIKE": t.Likes, "M-COMM": t.Comments, "M-SHARE": t.Shares} {
			if n != nil && *n >= 0 { // reactions that were taken back can make a count negative
				v[id] = *n
			}
		}
		urn := cmp.Or(e.Share, e.Post)
		seen[urn] = true
		out = append(out, network.Measured{RemoteID: urn, Values: v})
	}
	for _, u := range urns {
		if seen[u] {
			continue
		}
		var p post
		_, err := s.get(ctx, "/rest/posts/"+escape(u)+"?viewContext=AUTHOR", "", &p)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return out, err
		}
		out = append(out, network.Measured{RemoteID: u, Gone: err != nil})
	}
	return out, nil
}

// queries are LinkedIn's names of a member's numbers.
var queries = []struct{ name, id string }{{"IMPRESSION", "M-IMPR"}, {"MEMBERS_REACHED", "M-REACH"}, {"REACTION", "M-LIKE"}, {"COMMENT", "M-COMM"},
	{"RESHARE", "M-SHARE"}, {"POST_SAVE", "M-SAVE"}, {"LINK_CLICKS", "M-LCLICK"}}

// unmeasured is said where LinkedIn gives no numbers.
func unmeasured() error {
	return fault.Rejectedf("LinkedIn tells members' numbers only to applications it approved for that").WithCode("not_measurable").WithHint("Look at LinkedIn's own analytics.")
}

// memberPosts reads a member's posts, one number at a time: LinkedIn has no other way.
func (s server) memberPosts(ctx context.Context, scopes []string, items []network.Remote) (out []network.Measured, err error) {
	if !slices.Contains(scopes, "r_member_postAnalytics") {
		return nil, unmeasured()
	}
	for _, it := range items {
		m := network.Measured{RemoteID: it.ID, Values: network.Values{}}
		kind := "ugc"
		if strings.HasPrefix(it.ID, "urn:li:share:") {
			kind = "share"
		}
		for _, q := range queries {
			var list struct {
				Elements []struct {
					Count *int64 `json:"count"`
				} `json:"elements"`
			}
			_, err := s.get(ctx, "/rest/memberCreatorPostAnalytics?q=entity&entity=("+kind+":"+escape(it.ID)+")&queryType="+q.name+"&aggregation=TOTAL", "FINDER", &list)
			if fault.Is(err, fault.NotFound) {
				m.Gone, m.Values = true, nil
				break
			}
			if err != nil {
				return out, err
			}
			if len(list.Elements) > 0 && list.Elements[0].Count != nil {
				m.Values[q.id] = *list.Elements[0].Count
			}
		}
		out = append(out, m)
	}
	return out, nil
}

// AccountMetrics reads the account's followers.
func (n LinkedIn) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	x := n.server(s)
	if isOrganization(s.Account) {
		var size struct {
			Followers *int64 `json:"firstDegreeSize"`
		}
		_, err := x.get(ctx, "/rest/networkSizes/"+escape(s.Account.ID)+"?edgeType=COMPANY_FOLLOWED_BY_MEMBER", "", &size)
		return followers(size.Followers), err
	}
	if !slices.Contains(s.Grant.Scopes, "r_member_profileAnalytics") {
		return nil, unmeasured()
	}
	var list struct {
		Elements []struct {
			Followers *int64 `json:"memberFollowersCount"`
		} `json:"elements"`
	}
	_, err := x.get(ctx, "/rest/memberFollowersCount?q=me", "FINDER", &list)
	if err != nil || len(list.Elements) == 0 {
		return nil, err
	}
	return followers(list.Elements[0].Followers), nil
}

func followers(n *int64) network.Values {
	if n == nil {
		return network.Values{}
	}
	return network.Values{"M-FOLL": *n}
}
