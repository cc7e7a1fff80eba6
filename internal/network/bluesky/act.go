package bluesky

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's posts and messages. Only replies can be hidden.
func (Bluesky) Acts(kind network.MessageKind) []network.Act {
	person := []network.Act{network.Mute, network.Unmute, network.Block, network.Unblock, network.Report}
	switch kind {
	case network.Comment:
		return append([]network.Act{network.Like, network.Unlike, network.Share, network.Hide, network.Unhide}, person...)
	case network.Mention:
		return append([]network.Act{network.Like, network.Unlike, network.Share}, person...)
	case network.Direct:
		return person
	}
	return nil
}

// Act carries one out; doing it again changes nothing. Muting and blocking mean the item's author.
func (Bluesky) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	me := s.Account.ID
	switch act {
	case network.Mute:
		return at(s).repeat(ctx, "app.bsky.graph.muteActor", map[string]string{"actor": author(on)}, nil)
	case network.Unmute:
		return at(s).repeat(ctx, "app.bsky.graph.unmuteActor", map[string]string{"actor": author(on)}, nil)
	case network.Block:
		return at(s).block(ctx, me, author(on))
	case network.Unblock:
		return at(s).unblock(ctx, me, author(on))
	case network.Report:
		return at(s).report(ctx, on)
	}
	found, err := at(s).views(ctx, on.ID)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fault.Rejectedf("the post is gone, or its author hides it from this account")
	}
	switch v := found[0]; act {
	case network.Like:
		return at(s).mark(ctx, me, likes, v.Viewer.Like, v)
	case network.Share:
		return at(s).mark(ctx, me, reposts, v.Viewer.Repost, v)
	case network.Unlike:
		_, _, key := recordAt(v.Viewer.Like)
		if key == "" {
			return nil
		}
		return at(s).remove(ctx, me, likes, key)
	case network.Hide, network.Unhide:
		return at(s).hide(ctx, me, v, act == network.Hide)
	}
	return fault.Rejectedf("Bluesky has no way to %s a post", act)
}

func author(on network.Remote) string {
	did, _, _ := recordAt(on.ID)
	return cmp.Or(on.Data["author"], did)
}

// mark likes or reposts, under a key that the post determines: a second call finds the first one's record.
func (s server) mark(ctx context.Context, me, collection, already string, v view) error {
	if already != "" {
		return nil
	}
	record := map[string]any{"$type": collection, "subject": ref{v.URI, v.CID}, "createdAt": stamp(time.Now())}
	return s.once(ctx, me, collection, tid(v.IndexedAt, v.URI, 0), record)
}

func (s server) block(ctx context.Context, me, who string) error {
	var p profile
	if _, err := s.query(ctx, "app.bsky.actor.getProfile", values("actor", who), &p); err != nil {
		return err
	}
	if p.Viewer.Blocking != "" {
		return nil
	}
	return s.once(ctx, me, blocks, tid(time.Unix(0, 0), who, 0), map[string]any{"$type": blocks, "subject": who, "createdAt": stamp(time.Now())})
}

func (s server) unblock(ctx context.Context, me, who string) error {
	var p profile
	if _, err := s.query(ctx, "app.bsky.actor.getProfile", values("actor", who), &p); err != nil {
		return err
	}
	_, _, key := recordAt(p.Viewer.Blocking)
	if key == "" {
		return nil
	}
	return s.remove(ctx, me, blocks, key)
}

// report tells the moderators of a post, or of an account where a message has no address.
func (s server) report(ctx context.Context, on network.Remote) error {
	subject := map[string]any{"$type": "com.atproto.admin.defs#repoRef", "did": author(on)}
	if did, collection, _ := recordAt(on.ID); did != "" && collection != "" {
		found, err := s.views(ctx, on.ID)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.Rejectedf("the post is gone, or its author hides it from this account")
		}
		subject = map[string]any{"$type": "com.atproto.repo.strongRef", "uri": found[0].URI, "cid": found[0].CID}
	}
	_, err := s.call(ctx, "com.atproto.moderation.createReport", map[string]any{"reasonType": "com.atproto.moderation.defs#reasonOther", "reason": on.Data["reason"], "subject": subject}, nil)
	return err
}

// once writes a record where there is none under its key.
func (s server) once(ctx context.Context, me, collection, key string, record map[string]any) error {
	resp, err := s.call(ctx, "com.atproto.repo.putRecord", map[string]any{"repo": me, "collection": collection, "rkey": key, "record": record, "swapRecord": nil}, nil)
	if name(resp) == "InvalidSwap" {
		return nil
	}
	return again(err)
}

// hide puts a reply on the list of hidden ones that goes with our thread, or takes it off, leaving everything else
// in the list's record as it is.
func (s server) hide(ctx context.Context, me string, v view, hidden bool) error {
	if v.Record.Reply == nil {
		return fault.Rejectedf("only replies can be hidden")
	}
	root := v.Record.Reply.Root.URI
	did, _, key := recordAt(root)
	if did != me {
		return fault.Rejectedf("only the author of a thread can hide replies in it").WithHint("Mute or block the author instead.")
	}
	var got struct {
		CID   string         `json:"cid"`
		Value map[string]any `json:"value"`
	}
	var swap any
	_, err := s.query(ctx, "com.atproto.repo.getRecord", values("repo", me, "collection", threadgates, "rkey", key), &got)
	switch {
	case fault.Is(err, fault.NotFound):
		got.Value = map[string]any{"$type": threadgates, "post": root, "createdAt": stamp(time.Now())}
	case err != nil:
		return err
	default:
		swap = got.CID
	}
	list, _ := got.Value["hiddenReplies"].([]any)
	at := slices.IndexFunc(list, func(e any) bool { return e == v.URI })
	switch {
	case hidden == (at >= 0):
		return nil
	case hidden && len(list) >= 300:
		return fault.Rejectedf("300 replies are hidden in this thread, which is the limit")
	case hidden:
		list = append(list, v.URI)
	default:
		list = slices.Delete(list, at, at+1)
	}
	got.Value["hiddenReplies"] = list
	resp, err := s.call(ctx, "com.atproto.repo.putRecord", map[string]any{"repo": me, "collection": threadgates, "rkey": key, "record": got.Value, "swapRecord": swap}, nil)
	if name(resp) == "InvalidSwap" { // somebody else changed the list meanwhile
		return &fault.Error{Kind: fault.Later, Code: "InvalidSwap", Message: "the list of hidden replies was changed at the same moment"}
	}
	return again(err)
}
