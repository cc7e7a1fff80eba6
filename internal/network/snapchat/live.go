package snapchat

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// named refuses what can't be asked for: a story that Snapchat gave no id.
func named(item network.Remote) error {
	if item.Data["unnamed"] == "" {
		return nil
	}
	return fault.Rejectedf("Snapchat did not tell this story's id").WithHint("Look at the profile in Snapchat.")
}

// kindIn is the kind of an item; what was imported are Spotlights.
func kindIn(item network.Remote) string { return cmp.Or(item.Data["kind"], spotlight) }

// Read reads a post back. A Spotlight that Snapchat rejected in its review exists for nobody; Visibility says its state.
func (n Snapchat) Read(ctx context.Context, s network.Session, item network.Remote) (network.Live, error) {
	if err := named(item); err != nil {
		return network.Live{}, err
	}
	a, kind := n.as(s), kindIn(item)
	out, _, err := a.get(ctx, assetPath(a.profile, kind, item.ID), nil)
	if fault.Is(err, fault.NotFound) {
		return network.Live{Remote: item}, nil
	}
	if err != nil {
		return network.Live{}, err
	}
	for _, e := range out.Items {
		if e.ID == item.ID {
			return a.live(kind, e.asset), nil
		}
	}
	return network.Live{Remote: item}, nil
}

func (a api) live(kind string, it asset) network.Live {
	state := strings.ToLower(it.State)
	o := a.outcome(kind, it.ID)
	return network.Live{Remote: network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}, Exists: state != "rejected" && state != "deleted", Text: cmp.Or(it.Text, it.Title), MediaCount: 1,
		Visibility: state, At: it.Created.Time}
}

// Delete removes a post; what is gone already is removed.
func (n Snapchat) Delete(ctx context.Context, s network.Session, item network.Remote) error {
	if err := named(item); err != nil {
		return err
	}
	a := n.as(s)
	_, _, err := a.ask(ctx, http.MethodDelete, a.base+assetPath(a.profile, kindIn(item), item.ID), nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return again(err)
}

// Own lists the profile's own Spotlights, newest first, made anywhere. before is Snapchat's place in the list.
func (n Snapchat) Own(ctx context.Context, s network.Session, before string, limit int) ([]network.Live, string, error) {
	a := n.as(s)
	q := url.Values{"limit": {strconv.Itoa(max(1, min(limit, 100)))}}
	if before != "" {
		q.Set("cursor", before)
	}
	out, _, err := a.get(ctx, listPath(a.profile, spotlight), q)
	if err != nil {
		return nil, "", err
	}
	var items []network.Live
	for _, e := range out.Items {
		if live := a.live(spotlight, e.asset); e.ID != "" && live.Exists {
			items = append(items, live)
		}
	}
	next := out.Paging.ID
	if u, err := url.Parse(out.Paging.Link); next == "" && err == nil {
		next = u.Query().Get("cursor")
	}
	return items, next, nil
}

// PostMetrics reads each post's numbers. When Snapchat stops answering midway, what was read so far comes with the
// error.
func (n Snapchat) PostMetrics(ctx context.Context, s network.Session, items []network.Remote) ([]network.Measured, error) {
	a := n.as(s)
	var out []network.Measured
	for _, it := range items {
		if named(it) != nil {
			continue // nothing can be asked about it
		}
		got, _, err := a.get(ctx, statsPath(a.profile, kindIn(it), it.ID), url.Values{"fields": {statFields}, "granularity": {"LIFETIME"}})
		switch {
		case fault.Is(err, fault.NotFound):
			out = append(out, network.Measured{RemoteID: it.ID, Gone: true})
		case err != nil:
			return out, err
		default:
			v := network.Values{}
			var doc any
			_ = json.Unmarshal(got.Raw, &doc) // was read before
			collect(doc, v, 0)
			out = append(out, network.Measured{RemoteID: it.ID, Values: v})
		}
	}
	return out, nil
}

// collect finds numbers by their names, as members ("views": 7) or as pairs ("field": "VIEWS", "value": 7): both shapes
// were seen.
func collect(doc any, v network.Values, depth int) {
	if depth > 8 {
		return
	}
	count := func(name, value any) {
		key, _ := name.(string)
		id := statNames[strings.ToUpper(key)]
		n, ok := value.(float64)
		if s, isText := value.(string); isText {
			parsed, err := strconv.ParseFloat(s, 64)
			n, ok = parsed, err == nil
		}
		if id != "" && ok && n >= 0 {
			v[id] = max(v[id], int64(n))
		}
	}
	switch d := doc.(type) {
	case []any:
		for _, m := range d {
			collect(m, v, depth+1)
		}
	case map[string]any:
		for name, value := range d {
			count(name, value)
			collect(value, v, depth+1)
		}
		for _, name := range []string{"field", "name", "metric"} {
			count(d[name], d["value"])
		}
	}
}

// AccountMetrics reads the profile's subscribers.
func (n Snapchat) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	p, err := n.as(s).self(ctx)
	if err != nil {
		return nil, err
	}
	v := network.Values{}
	if c := p.Subscribers.Value; c != nil && *c >= 0 {
		v["M-FOLL"] = *c
	}
	return v, nil
}
