package nostr

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/nostr/wire"
)

const uploadTime = 10 * time.Minute // for the largest file on a slow line

// Do carries out one step.
func (Nostr) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	p, err := read(step)
	if err != nil {
		return network.Outcome{}, err
	}
	if step.Media != nil {
		return upload(ctx, s, p.Server, *step.Media)
	}
	party, err := enter(s, p.Relays)
	if err != nil {
		return network.Outcome{}, err
	}
	defer party.Close()
	if p.Edit {
		return party.replace(ctx, p)
	}
	e, err := party.Key.Sign(p.Event)
	if err != nil {
		return network.Outcome{}, err
	}
	if e.ID != p.Event.ID {
		return network.Outcome{}, fault.Rejectedf("the stored event is not one of this account")
	}
	taken, err := party.Send(ctx, e)
	if err != nil {
		return network.Outcome{}, err
	}
	party.deliver(ctx, s, e)
	return outcome(e, taken, len(p.Relays)), nil
}

// mostGuests is how many relays of other people one event is taken to.
const mostGuests = 6

// deliver takes a published event to where those it names read (NIP-65), if they say where. It is a courtesy: the event
// is published, and whether others have it too changes nothing for us.
func (p *party) deliver(ctx context.Context, s network.Session, e wire.Event) {
	var named []string
	for _, t := range e.Tags {
		if len(t) > 1 && t[0] == "p" && t[1] != e.PubKey && !slices.Contains(named, t[1]) && len(named) < mostGuests {
			named = append(named, t[1])
		}
	}
	if len(named) == 0 {
		return
	}
	lists, _, err := p.Read(ctx, wire.Filter{"kinds": []int{wire.KindRelays}, "authors": named})
	if err != nil {
		return
	}
	var guests []string
	for _, l := range lists {
		for i, k := range listed(s.HTTP, l) {
			if i < 3 && k.Read && len(guests) < mostGuests && !slices.Contains(guests, k.URL) && !slices.Contains(urlsOf(p), k.URL) {
				guests = append(guests, k.URL)
			}
		}
	}
	if len(guests) == 0 {
		return
	}
	others := wire.Join(s.HTTP, p.Key, guests)
	defer others.Close()
	_, _ = others.Send(ctx, e) // see above
}

func read(step network.Step) (p payload, err error) {
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return p, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	return p, nil
}

func outcome(e wire.Event, taken []string, of int) network.Outcome {
	o := network.Outcome{RemoteID: e.RemoteID(), URL: page + wire.Refer(e, taken[0]), Data: map[string]string{"id": e.ID, "kind": strconv.Itoa(e.Kind), "created_at": strconv.FormatInt(e.CreatedAt, 10),
		"relays": strings.Join(taken, " "), "accepted": strconv.Itoa(len(taken)) + " of " + strconv.Itoa(of) + " relays"}}
	if first := e.Tag("published_at"); first != "" {
		o.Data["published_at"] = first
	}
	return o
}

// replace publishes a new version of an article, later than the one that is there. The version that is there already
// is not sent anew.
func (p *party) replace(ctx context.Context, in payload) (network.Outcome, error) {
	e := in.Event
	there, _, err := p.Read(ctx, wire.Named(e.Address()))
	if err != nil {
		return network.Outcome{}, err
	}
	if len(there) > 0 {
		now := there[0]
		if now.Content == e.Content && slices.EqualFunc(now.Tags, e.Tags, slices.Equal[[]string]) {
			return outcome(now, urlsOf(p), len(in.Relays)), nil
		}
		e.CreatedAt = max(e.CreatedAt, now.CreatedAt+1)
	}
	if e, err = p.Key.Sign(e); err != nil {
		return network.Outcome{}, err
	}
	taken, err := p.Send(ctx, e)
	if err != nil {
		return network.Outcome{}, wire.Again(err)
	}
	return outcome(e, taken, len(in.Relays)), nil
}

func urlsOf(p *party) (out []string) {
	for _, r := range p.Relays {
		out = append(out, r.URL)
	}
	return out
}

// Find asks the relays whether one of them has the event. If none has, it may still be on its way.
func (Nostr) Find(ctx context.Context, s network.Session, step network.Step, _ network.Outcomes, _ time.Time) (network.Finding, network.Outcome, error) {
	p, err := read(step)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	party, err := enter(s, p.Relays)
	if err != nil {
		return network.NotSeen, network.Outcome{}, err
	}
	defer party.Close()
	has := make([]bool, len(party.Relays))
	var found wire.Event
	errs := party.Each(ctx, func(ctx context.Context, i int, r *wire.Relay) error {
		some, err := r.Query(ctx, wire.Filter{"ids": []string{p.Event.ID}})
		has[i] = len(some) > 0
		return err
	})
	var taken []string
	for i, there := range has {
		if there {
			found, taken = p.Event, append(taken, party.Relays[i].URL)
		}
	}
	switch {
	case len(taken) > 0:
		return network.Found, outcome(found, taken, len(p.Relays)), nil
	case slices.Contains(errs, nil):
		return network.NotSeen, network.Outcome{}, nil
	}
	return network.NotSeen, network.Outcome{}, wire.Worst(errs)
}

// upload sends a file to the media server (Blossom), which keeps it under its digest: once, however often it comes.
func upload(ctx context.Context, s network.Session, server string, m network.Media) (network.Outcome, error) {
	key, err := wire.ReadKey(s.Grant.Values["secret_key"])
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.Unauthorised, err, "the stored key cannot be read")
	}
	if len(m.SHA256) != 64 || m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	now := s.HTTP.Now()
	e, err := key.Sign(wire.Event{Kind: wire.KindUpload, CreatedAt: now.Unix(), Content: "Upload a file",
		Tags: [][]string{{"t", "upload"}, {"x", m.SHA256}, {"expiration", strconv.FormatInt(now.Add(time.Hour).Unix(), 10)}}})
	if err != nil {
		return network.Outcome{}, err
	}
	raw, _ := json.Marshal(e) // plain data: cannot fail
	header := http.Header{"Authorization": {"Nostr " + base64.StdEncoding.EncodeToString(raw)}, "X-Sha-256": {m.SHA256}}
	var made struct {
		SHA256 string `json:"sha256"`
		URL    string `json:"url"`
	}
	resp, err := s.HTTP.WithTimeout(uploadTime).Send(ctx, http.MethodPut, server+"/upload", header, body, cmp.Or(m.Bytes, -1), m.MIME, &made)
	if err != nil {
		f := *fault.As(wire.Again(err))
		if resp != nil && resp.Status >= 400 && f.Kind != fault.Later {
			if why := resp.Header.Get("X-Reason"); why != "" {
				f.Message = "the media server answered: " + wire.Tidy(why)
			}
			f.Field, f.Hint = "media", "Use a smaller file of an ordinary type, or reconnect the channel with another media server."
			if f.Kind == fault.NotFound {
				f.Kind = fault.Rejected
			}
			if resp.Status == http.StatusRequestEntityTooLarge {
				f.Code = "media_too_large"
			}
		}
		return network.Outcome{}, &f
	}
	switch made.SHA256 {
	case m.SHA256:
		return network.Outcome{RemoteID: m.SHA256, URL: made.URL, Data: map[string]string{"sha256": m.SHA256}}, nil
	case "":
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "the media server took the file and did not say what it is called"}
	}
	return network.Outcome{}, &fault.Error{Kind: fault.Rejected, Code: "media_changed", Field: "media", Message: "the media server changed the file", Hint: "Reconnect the channel with another media server."}
}
