package tiktokbusiness

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// item is a post as the API lists it. Counts are pointers: what is not delivered is not zero.
type item struct {
	ID        string      `json:"item_id"`
	Created   json.Number `json:"create_time"` // seconds since 1970, as a string
	Caption   string      `json:"caption"`
	ShareURL  string      `json:"share_url"`
	Views     *int64      `json:"video_views"`
	Likes     *int64      `json:"likes"`
	Comments  *int64      `json:"comments"`
	Shares    *int64      `json:"shares"`
	Reach     *int64      `json:"reach"`
	Favorites *int64      `json:"favorites"`
	Followers *int64      `json:"new_followers"`
	Profile   *int64      `json:"profile_views"`
	Length    float64     `json:"video_duration"`          // seconds; 0 of pictures and of what is not counted yet
	Total     *float64    `json:"total_time_watched"`      // seconds
	Average   *float64    `json:"average_time_watched"`    // seconds
	Whole     *float64    `json:"full_video_watched_rate"` // share of the views
	Retention []struct {
		Second json.Number `json:"second"`
		Share  float64     `json:"percentage"` // share of the views, 1 = all
	} `json:"video_view_retention"`
}

var fields = []string{"item_id", "create_time", "caption", "share_url", "video_views", "likes", "comments", "shares", "reach", "favorites",
	"new_followers", "profile_views", "video_duration", "total_time_watched", "average_time_watched", "full_video_watched_rate", "video_view_retention"}

const batch = 20 // posts in one call

func (it item) at() time.Time { return seconds(it.Created) }

func seconds(n json.Number) time.Time {
	s, err := n.Int64()
	if err != nil {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func (it item) live() network.Live {
	return network.Live{Remote: network.Remote{ID: it.ID, URL: it.ShareURL}, Exists: true, Text: it.Caption, MediaCount: 1, Visibility: public, At: it.at()}
}

// items is one page of the account's posts, newest first.
type items struct {
	Items  []item      `json:"videos"`
	Cursor json.Number `json:"cursor"`
	More   bool        `json:"has_more"`
}

func (a api) items(ctx context.Context, query map[string]any) (got items, err error) {
	query["fields"] = fields
	err = a.get(ctx, "/business/video/list/", query, &got)
	return got, err
}

func (a api) byID(ctx context.Context, ids []string) (map[string]item, error) {
	got, err := a.items(ctx, map[string]any{"filters": map[string]any{"video_ids": ids}, "max_count": batch})
	out := map[string]item{}
	for _, it := range got.Items {
		out[it.ID] = it
	}
	return out, err
}

// Read reads a published post back. Of what is not listed (drafts, private pictures) the publication's id says whether
// it is there.
func (t TikTok) Read(ctx context.Context, s network.Session, remote network.Remote) (network.Live, error) {
	a := t.api(s)
	if remote.ID == remote.Data["share_id"] {
		st, err := a.state(ctx, remote.ID)
		if err != nil {
			return network.Live{}, err
		}
		if st.Status != "FAILED" && st.Status != "PUBLISH_COMPLETE" && st.Status != "SEND_TO_USER_INBOX" {
			return network.Live{}, &fault.Error{Kind: fault.Later, Code: "processing", Message: "TikTok is still working on the post"}
		}
		live := network.Live{Remote: remote, Exists: st.Status != "FAILED"}
		if live.Exists {
			live.Text, live.Visibility, live.MediaCount = remote.Data["text"], remote.Data["privacy"], count(remote)
		}
		return live, nil
	}
	if remote.Data["video_id"] != "" {
		return a.readComment(ctx, remote)
	}
	list, err := a.byID(ctx, []string{remote.ID})
	if err != nil {
		return network.Live{}, err
	}
	it, ok := list[remote.ID]
	if !ok {
		return network.Live{Remote: remote}, nil
	}
	live := it.live()
	live.MediaCount = count(remote)
	return live, nil
}

// readComment looks for a comment below its post, or for an answer below its comment.
func (a api) readComment(ctx context.Context, remote network.Remote) (network.Live, error) {
	id, parent := remote.Data["video_id"], remote.Data["comment_id"]
	var list comments
	var err error
	if parent != "" {
		list, err = a.replies(ctx, id, parent, 0)
	} else {
		list, err = a.commentsByID(ctx, id, remote.ID)
	}
	if fault.Is(err, fault.NotFound) { // with what it stood below
		return network.Live{Remote: remote}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	for _, c := range list.List {
		if c.ID == remote.ID {
			return network.Live{Remote: remote, Exists: true, Text: c.Text, Visibility: public, At: c.at(), ReplyTo: cmp.Or(parent, id)}, nil
		}
	}
	return network.Live{Remote: remote}, nil
}

// count is how many files a post was made with: the lists do not say.
func count(remote network.Remote) int {
	n, err := strconv.Atoi(remote.Data["files"])
	if err != nil {
		return 1
	}
	return n
}

// Own lists the account's posts, newest first.
func (t TikTok) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	query := map[string]any{"max_count": max(1, min(limit, batch))}
	if n, err := strconv.ParseInt(before, 10, 64); err == nil {
		query["cursor"] = n
	}
	got, err := t.api(s).items(ctx, query)
	if err != nil {
		return nil, "", err
	}
	var list []network.Live
	for _, it := range got.Items {
		list = append(list, it.live())
	}
	if !got.More {
		return list, "", nil
	}
	return list, got.Cursor.String(), nil
}

// PostMetrics reads the numbers of posts. What is not listed has none and is left out. When TikTok stops answering
// midway, what was read so far comes with the error.
func (t TikTok) PostMetrics(ctx context.Context, s network.Session, remotes []network.Remote) ([]network.Measured, error) {
	var out []network.Measured
	listed := slices.DeleteFunc(slices.Clone(remotes), func(r network.Remote) bool { return r.ID == r.Data["share_id"] || r.Data["video_id"] != "" })
	for some := range slices.Chunk(listed, batch) {
		var ids []string
		for _, r := range some {
			ids = append(ids, r.ID)
		}
		list, err := t.api(s).byID(ctx, ids)
		if err != nil {
			return out, err
		}
		for _, id := range ids {
			it, ok := list[id]
			if !ok {
				out = append(out, network.Measured{RemoteID: id, Gone: true})
				continue
			}
			out = append(out, network.Measured{RemoteID: id, Values: it.values(), Watched: it.watched()})
		}
	}
	return out, nil
}

func (it item) values() network.Values {
	v := network.Values{}
	put(v, "M-IMPR", it.Views)
	put(v, "M-REACH", it.Reach)
	put(v, "M-LIKE", it.Likes)
	put(v, "M-COMM", it.Comments)
	put(v, "M-SHARE", it.Shares)
	put(v, "M-SAVE", it.Favorites)
	put(v, "M-FOLLGAIN", it.Followers)
	put(v, "M-PVIS", it.Profile)
	if it.Length == 0 {
		return v
	}
	put(v, "M-VVIEW", it.Views)
	round := func(id string, n *float64, of float64) {
		if n != nil && *n >= 0 {
			v[id] = int64(math.Round(*n * of))
		}
	}
	round("M-VTIME", it.Total, 1)
	round("M-VAVG", it.Average, 1000)
	if it.Views != nil {
		round("M-VDONE", it.Whole, float64(*it.Views))
	}
	return v
}

// watched is the retention curve: TikTok tells it second by second.
func (it item) watched() (out []network.Watched) {
	for _, r := range it.Retention {
		if second, err := r.Second.Float64(); err == nil && second >= 0 && second <= it.Length && r.Share >= 0 {
			out = append(out, network.Watched{At: int64(math.Round(second / it.Length * 10_000)), Share: int64(math.Round(r.Share * 10_000))})
		}
	}
	return out
}

func put(v network.Values, id string, n *int64) {
	if n != nil && *n >= 0 {
		v[id] = *n
	}
}

// AccountMetrics reads the account's followers.
func (t TikTok) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	got, err := t.api(s).account(ctx)
	if err != nil {
		return nil, err
	}
	v := network.Values{}
	put(v, "M-FOLL", got.Followers)
	return v, nil
}
