package bluesky

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	uploadTime = 10 * time.Minute // for the largest file on a slow line
	unusedLife = time.Hour        // servers may forget a file that no record names after a few hours
)

// Do carries out one step.
func (Bluesky) Do(ctx context.Context, s network.Session, step network.Step, earlier network.Outcomes) (network.Outcome, error) {
	if step.Media != nil {
		return at(s).upload(ctx, *step.Media)
	}
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	switch {
	case p.Refer != nil:
		return at(s).refer(ctx, *p.Refer, step.Name)
	case p.Convo != "":
		return at(s).say(ctx, p)
	}
	return at(s).create(ctx, s.Account.ID, p, earlier)
}

// upload sends one file. The same file sent again is the same file there.
func (s server) upload(ctx context.Context, m network.Media) (network.Outcome, error) {
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	var made struct {
		Blob json.RawMessage `json:"blob"`
	}
	resp, err := s.http.WithTimeout(uploadTime).Send(ctx, http.MethodPost, s.base+"/xrpc/com.atproto.repo.uploadBlob", s.header(), body, cmp.Or(m.Bytes, -1), m.MIME, &made)
	if err = again(explain(resp, err)); err != nil {
		return network.Outcome{}, field(err, "media", "")
	}
	if len(made.Blob) == 0 {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "the server took the file and did not say what it is called"}
	}
	return network.Outcome{Data: map[string]string{"blob": string(made.Blob)}, ExpiresAt: resp.At.UTC().Add(unusedLife)}, nil
}

// refer looks up what a setting's address names.
func (s server) refer(ctx context.Context, t target, setting string) (network.Outcome, error) {
	if !strings.HasPrefix(t.Who, "did:") {
		did, err := s.resolve(ctx, t.Who)
		if err != nil {
			return network.Outcome{}, field(err, "settings."+setting, "Nobody carries the handle in this address any more.")
		}
		t.Who = did
	}
	uri := "at://" + t.Who + "/" + t.Collection + "/" + t.Key
	if t.Collection != posts {
		_, err := s.query(ctx, "app.bsky.graph.getList", values("list", uri, "limit", "1"), nil)
		return network.Outcome{Data: map[string]string{"uri": uri}}, field(err, "settings."+setting, "The list is gone, or not open to this account.")
	}
	views, err := s.views(ctx, uri)
	if err != nil {
		return network.Outcome{}, err
	}
	if len(views) == 0 {
		return network.Outcome{}, &fault.Error{Kind: fault.Rejected, Field: "settings." + setting, Message: "the post to quote is gone, or not open to this account", Hint: "Choose another post, or publish without quoting."}
	}
	if views[0].Viewer.NoQuotes {
		return network.Outcome{}, &fault.Error{Kind: fault.Rejected, Field: "settings." + setting, Message: "the author of this post does not allow quoting it", Hint: "Put the link into the text instead."}
	}
	return network.Outcome{Data: map[string]string{"uri": uri, "cid": views[0].CID}}, nil
}

// create writes a post: the one call that makes it public. Alone it is written by putRecord, only where there is none
// under its key yet; with its gates it is one commit, so that there is no moment in which everyone may answer.
func (s server) create(ctx context.Context, did string, p payload, earlier network.Outcomes) (network.Outcome, error) {
	record, err := p.record(earlier)
	if err != nil {
		return network.Outcome{}, err
	}
	var made struct {
		ref
		Results []ref `json:"results"`
	}
	method, in := "com.atproto.repo.putRecord", map[string]any{"repo": did, "collection": posts, "rkey": p.RKey, "record": record, "swapRecord": nil}
	gates := p.gated(p.uri(did), earlier)
	if len(gates) > 0 {
		writes := []map[string]any{p.write(posts, record)}
		for _, collection := range []string{threadgates, postgates} {
			if gates[collection] != nil {
				writes = append(writes, p.write(collection, gates[collection]))
			}
		}
		method, in = "com.atproto.repo.applyWrites", map[string]any{"repo": did, "writes": writes}
	}
	resp, err := s.call(ctx, method, in, &made)
	if len(made.Results) > 0 {
		made.ref = made.Results[0]
	}
	switch {
	case err == nil && made.URI == p.uri(did) && made.CID != "":
		return p.outcome(did, made.CID), nil
	case err == nil:
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "the server answered without saying which post it made"}
	case name(resp) == "InvalidSwap": // there is a record under our key: an earlier call of ours that arrived
		if cid, err := s.written(ctx, did, posts, p.RKey); err == nil && cid != "" {
			return p.outcome(did, cid), nil
		}
		return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "InvalidSwap", Message: "the post seems to be there already and could not be read"}
	}
	return network.Outcome{}, field(err, fault.As(err).Field, "")
}

func (p payload) write(collection string, value map[string]any) map[string]any {
	return map[string]any{"$type": "com.atproto.repo.applyWrites#create", "collection": collection, "rkey": p.RKey, "value": value}
}

func (p payload) outcome(did, cid string) network.Outcome {
	o := network.Outcome{RemoteID: p.uri(did), URL: link(p.uri(did)), Data: map[string]string{"cid": cid}}
	if p.Gates != nil {
		o.Data["gates"] = "yes"
	}
	return o
}

// written returns the version of a record in the account's own repository, "" if there is none.
func (s server) written(ctx context.Context, did, collection, key string) (string, error) {
	var got ref
	_, err := s.query(ctx, "com.atproto.repo.getRecord", values("repo", did, "collection", collection, "rkey", key), &got)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err == nil && got.CID == "" {
		err = &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "the server answered without the record"}
	}
	return got.CID, err
}

// Find asks the account's server for the record under the step's key: the answer is exact.
func (Bluesky) Find(ctx context.Context, s network.Session, step network.Step, _ network.Outcomes, sent time.Time) (network.Finding, network.Outcome, error) {
	var p payload
	if err := json.Unmarshal(step.Payload, &p); err != nil {
		return network.NotSeen, network.Outcome{}, fault.Wrap(fault.Rejected, err, "the stored step cannot be read")
	}
	if p.Convo != "" {
		return at(s).findMessage(ctx, s.Account.ID, p, sent)
	}
	if p.RKey == "" {
		return network.NotSeen, network.Outcome{}, nil // an upload or a look-up: done again, not found
	}
	cid, err := at(s).written(ctx, s.Account.ID, posts, p.RKey)
	switch {
	case err != nil:
		return network.NotSeen, network.Outcome{}, err
	case cid == "":
		return network.Absent, network.Outcome{}, nil
	}
	return network.Found, p.outcome(s.Account.ID, cid), nil
}
