package telegram

import (
	"context"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's messages: in groups more than in private chats.
func (Telegram) Acts(kind network.MessageKind) []network.Act {
	switch kind {
	case network.Comment, network.Mention:
		return []network.Act{network.Like, network.Unlike, network.Delete, network.Mute, network.Unmute, network.Block, network.Unblock}
	case network.Direct:
		return []network.Act{network.Like, network.Unlike}
	}
	return nil
}

// Act carries one out. Muting and blocking mean the message's author, in the group where it was written; the bot needs
// the right to restrict members.
func (n Telegram) Act(ctx context.Context, s network.Session, act network.Act, on network.Remote) error {
	in, id := deref(on.ID)
	method, params := "setMessageReaction", map[string]any{"chat_id": in, "message_id": id}
	switch act {
	case network.Like:
		params["reaction"] = []map[string]string{{"type": "emoji", "emoji": "👍"}}
	case network.Unlike:
		params["reaction"] = []map[string]string{}
	case network.Mute, network.Unmute, network.Block, network.Unblock:
		author, _ := strconv.ParseInt(on.Data["author"], 10, 64)
		if author == 0 || in > 0 {
			return fault.Rejectedf("only members of a group can be muted or blocked")
		}
		params = map[string]any{"chat_id": in, "user_id": author}
		switch act {
		case network.Block:
			method = "banChatMember"
		case network.Unblock:
			method, params["only_if_banned"] = "unbanChatMember", true // without it, a member would be thrown out
		default:
			method, params["permissions"] = "restrictChatMember", permissions(act == network.Unmute)
		}
	case network.Delete:
		return n.Delete(ctx, s, on)
	default:
		return fault.Rejectedf("Telegram has no way to %s a message", act)
	}
	var done bool
	_, err := n.bot(s).ask(ctx, method, params, &done)
	return err
}

// permissions are all that a member may do, or nothing of it; the group's own rules still limit them.
func permissions(given bool) map[string]bool {
	out := map[string]bool{}
	for _, p := range []string{"messages", "audios", "documents", "photos", "videos", "video_notes", "voice_notes", "polls", "other_messages"} {
		out["can_send_"+p] = given
	}
	out["can_add_web_page_previews"], out["can_invite_users"] = given, given
	return out
}
