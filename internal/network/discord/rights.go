package discord

import (
	"slices"
	"strconv"
)

// Permissions of a channel, as bits.
const (
	admin      = 1 << 3
	seeChannel = 1 << 10
	sendText   = 1 << 11 // in a forum: make posts
	embedLinks = 1 << 14
	attach     = 1 << 15
	readBack   = 1 << 16
	inThreads  = 1 << 38
)

// overwrite is what a channel allows or denies to one role or member beside the server's rules.
type overwrite struct {
	ID    string `json:"id"`
	Allow string `json:"allow"`
	Deny  string `json:"deny"`
}

func bits(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// permissions are what a member may do in a channel: what all its roles allow, changed by the channel for everyone, then
// for the member's roles together, then for the member alone.
func permissions(g guild, ch channel, who string, roles []string) int64 {
	var may int64
	for _, r := range g.Roles {
		if r.ID == ch.Guild || slices.Contains(roles, r.ID) { // the role of everyone has the server's id
			may |= bits(r.Permissions)
		}
	}
	if g.Owner == who || may&admin != 0 {
		return -1
	}
	var allow, deny int64
	change := func(o overwrite) { may = may&^bits(o.Deny) | bits(o.Allow) }
	for _, o := range ch.Overwrites {
		if o.ID == ch.Guild {
			change(o)
		}
		if o.ID != ch.Guild && slices.Contains(roles, o.ID) {
			allow, deny = allow|bits(o.Allow), deny|bits(o.Deny)
		}
	}
	may = may&^deny | allow
	for _, o := range ch.Overwrites {
		if o.ID == who {
			change(o)
		}
	}
	return may
}

// lacking names the rights that publishing and reading need and that are not there.
func lacking(may int64, kind int) (lacks []string) {
	send := int64(sendText)
	if kind >= threadOfNews && kind <= threadClosed {
		send = inThreads
	}
	for _, right := range []struct {
		bit  int64
		name string
	}{{seeChannel, "view the channel"}, {send, "send messages"}, {embedLinks, "embed links"}, {attach, "attach files"}, {readBack, "read the message history"}} {
		if may&right.bit == 0 {
			lacks = append(lacks, right.name)
		}
	}
	return lacks
}
