package linkedin

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

// Subscribe has LinkedIn call us about an organisation's posts. A subscription is named by the application, who signed in,
// and the organisation; setting it again changes nothing.
func (n LinkedIn) Subscribe(ctx context.Context, s network.Session, address string) (bool, error) {
	if !isOrganization(s.Account) || strings.TrimSpace(s.App["application_id"]) == "" {
		return false, nil
	}
	x := n.server(s)
	at, err := x.subscription(ctx, s)
	if err != nil {
		return false, err
	}
	var there struct {
		Webhook string `json:"webhook"`
	}
	if _, err := x.get(ctx, at, "", &there); err == nil && there.Webhook == address {
		return true, nil
	}
	_, err = x.repeat(ctx, http.MethodPut, at, "", map[string]string{"webhook": address}, nil)
	if fault.Is(err, fault.Unauthorised) || fault.Is(err, fault.NotFound) {
		f := *fault.As(err)
		f.Kind, f.Message, f.Hint = fault.Rejected, "LinkedIn does not call this installation about the organisation", "Look whether LinkedIn approved webhooks for the app, whether {webhook} is entered there, and at the number of the app."
		f.Hint = strings.ReplaceAll(f.Hint, "{webhook}", address)
		return false, &f
	}
	return err == nil, err
}

// Unsubscribe ends LinkedIn's calls. One that is gone already is no failure.
func (n LinkedIn) Unsubscribe(ctx context.Context, s network.Session, _ string) error {
	x := n.server(s)
	at, err := x.subscription(ctx, s)
	if err != nil {
		return err
	}
	_, err = x.repeat(ctx, http.MethodDelete, at, "", nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// subscription is the address of the subscription of the session's organisation.
func (s server) subscription(ctx context.Context, session network.Session) (string, error) {
	me, err := s.member(ctx, session.Grant)
	if err != nil {
		return "", err
	}
	key := func(urn string) string { return url.QueryEscape(urn) }
	return "/rest/eventSubscriptions/(developerApplication:" + key("urn:li:developerApplication:"+strings.TrimSpace(session.App["application_id"])) +
		",user:" + key(me.ID) + ",entity:" + key(session.Account.ID) + ",eventType:ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS)", nil
}
