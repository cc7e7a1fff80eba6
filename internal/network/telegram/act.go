package telegram

import (
	"context"
	"strconv"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Acts lists what can be done to other people's messages.
func (Telegram) Acts() []network.Act {
	return []network.Act{network.Like, network.Unlike, network.Mute, network.Unmute, network.Block}
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
	case network.Mute, network.Unmute, network.Block:
		author, _ := strconv.ParseInt(on.Data["author"], 10, 64)
		if author == 0 || in > 0 {
			return fault.Rejectedf("only members of a group can be muted or blocked")
		}
		params = map[string]any{"chat_id": in, "user_id": author}
		if method = "banChatMember"; act != network.Block {
			method, params["permissions"] = "restrictChatMember", permissions(act == network.Unmute)
		}
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
