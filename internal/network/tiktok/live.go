package tiktok

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
)

// video is a public video as the Display API shows it. Counts are pointers: what is not delivered is not zero.
type video struct {
	ID          string `json:"id"`
	Created     int64  `json:"create_time"` // seconds since 1970
	Title       string `json:"title"`
	Description string `json:"video_description"`
	ShareURL    string `json:"share_url"`
	Views       *int64 `json:"view_count"`
	Likes       *int64 `json:"like_count"`
	Comments    *int64 `json:"comment_count"`
	Shares      *int64 `json:"share_count"`
}

const (
	fields = "id,create_time,title,video_description,share_url,view_count,like_count,comment_count,share_count"
	batch  = 20 // videos in one call
)

// words are the longer of title and description; TikTok may cut either.
func (v video) words() string {
	if len(v.Description) > len(v.Title) {
		return v.Description
	}
	return v.Title
}

func (v video) live() network.Live {
	return network.Live{Remote: network.Remote{ID: v.ID, URL: v.ShareURL}, Exists: true, Text: v.words(), MediaCount: 1, Visibility: public, At: time.Unix(v.Created, 0).UTC()}
}

// query reads public videos of the creator's by their ids; what is gone, or not public, is not among the answers.
func (a api) query(ctx context.Context, ids []string) ([]video, error) {
	var got struct {
		Videos []video `json:"videos"`
	}
	_, err := a.ask(ctx, http.MethodPost, "/v2/video/query/?fields="+fields, map[string]any{"filters": map[string]any{"video_ids": ids}}, &got)
	return got.Videos, err
}

// Read reads a published post back. Only public videos can be; of all else the publish id says whether it is there.
func (t TikTok) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	a := t.api(s)
	d := item.Data
	if d["publish_id"] == item.ID || d["kind"] == "photo" {
		return a.byPublishID(ctx, item)
	}
	list, err := a.query(ctx, []string{item.ID})
	if err != nil {
		return network.Live{}, err
	}
	i := slices.IndexFunc(list, func(v video) bool { return v.ID == item.ID })
	if i < 0 {
		return network.Live{Remote: item}, nil
	}
	live := list[i].live()
	if shown := text.Normalise(live.Text); len(shown) > 100 && strings.HasPrefix(text.Normalise(d["text"]), strings.TrimSuffix(shown, "…")) {
		live.Text = d["text"] // shown is its beginning: TikTok cuts long texts here
	}
	return live, nil
}

func (a api) byPublishID(ctx context.Context, item network.Remote) (network.Live, error) {
	st, err := a.state(ctx, item.Data["publish_id"])
	if err != nil {
		return network.Live{}, untold(err)
	}
	there := st.Status == "SEND_TO_USER_INBOX" || st.Status == "PUBLISH_COMPLETE" && (len(st.IDs) > 0 || item.Data["privacy"] != public)
	lost := st.Status == "FAILED" || st.Status == "PUBLISH_COMPLETE" && item.ID != item.Data["publish_id"] // it had an id before
	if !there && !lost {
		return network.Live{}, &fault.Error{Kind: fault.Later, Code: "processing", Message: "TikTok is still working on the post"}
	}
	live := network.Live{Remote: item, Exists: there}
	if there {
		live.Text, live.Visibility, live.MediaCount = item.Data["text"], item.Data["privacy"], 1
		if n, err := strconv.Atoi(item.Data["files"]); err == nil {
			live.MediaCount = n
		}
	}
	return live, nil
}

// Own lists the creator's public videos, newest first.
func (t TikTok) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	in := map[string]any{"max_count": max(1, min(limit, batch))}
	if n, err := strconv.ParseInt(before, 10, 64); err == nil {
		in["cursor"] = n
	}
	var got struct {
		Videos []video     `json:"videos"`
		Cursor json.Number `json:"cursor"`
		More   bool        `json:"has_more"`
	}
	if _, err := t.api(s).ask(ctx, http.MethodPost, "/v2/video/list/?fields="+fields, in, &got); err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, v := range got.Videos {
		items = append(items, v.live())
	}
	if !got.More {
		return items, "", nil
	}
	return items, got.Cursor.String(), nil
}

// PostMetrics reads the numbers of public posts. Of those that TikTok does not list, private ones and at times pictures,
// only whether they are there is known; they are left out. When TikTok stops answering midway, what was read so far comes
// with the error.
func (t TikTok) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	var out []network.Measured
	a := t.api(s)
	listed := slices.DeleteFunc(slices.Clone(items), func(it network.Remote) bool { return it.ID == it.Data["publish_id"] })
	for some := range slices.Chunk(listed, batch) {
		var ids []string
		for _, it := range some {
			ids = append(ids, it.ID)
		}
		list, err := a.query(ctx, ids)
		if err != nil {
			return out, err
		}
		for _, it := range some {
			i := slices.IndexFunc(list, func(v video) bool { return v.ID == it.ID })
			if i >= 0 {
				out = append(out, network.Measured{RemoteID: it.ID, Values: list[i].values()})
				continue
			}
			if it.Data["kind"] == "photo" {
				if live, err := a.byPublishID(ctx, it); err != nil || live.Exists {
					continue
				}
			}
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
		}
	}
	return out, nil
}

func (v video) values() network.Values {
	out := network.Values{}
	put(out, "M-IMPR", v.Views)
	put(out, "M-LIKE", v.Likes)
	put(out, "M-COMM", v.Comments)
	put(out, "M-SHARE", v.Shares)
	return out
}

func put(v network.Values, id string, n *int64) {
	if n != nil && *n >= 0 {
		v[id] = *n
	}
}

// AccountMetrics reads the creator's followers.
func (t TikTok) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	u, err := t.api(s).user(ctx, s.Grant)
	if err != nil {
		return nil, err
	}
	v := network.Values{}
	put(v, "M-FOLL", u.Followers)
	return v, nil
}
