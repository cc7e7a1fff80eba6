package telegram

import (
	"context"

	"github.com/bellwether-social/bellwether/internal/network"
)

// PostMetrics knows nothing: Telegram tells reactions as they change (Fetch brings them), and views never.
func (Telegram) PostMetrics(context.Context, network.Session, []network.Remote) ([]network.Measured, error) {
	return nil, nil
}

// AccountMetrics counts the members.
func (n Telegram) AccountMetrics(ctx context.Context, s network.Session) (network.Values, error) {
	var members int64
	if _, err := n.bot(s).ask(ctx, "getChatMemberCount", map[string]any{"chat_id": chat(s.Account)}, &members); err != nil {
		return nil, err
	}
	return network.Values{"M-FOLL": members}, nil
}
