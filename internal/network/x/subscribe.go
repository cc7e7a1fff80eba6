package x

import (
	"context"
	"net/http"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/x/hook"
)

// Hear answers X's check, which is repeated every hour, and reads for whom an event is.
func (X) Hear(app map[string]string, call network.Webhook) (network.Heard, error) {
	return hook.Hear(app, call)
}

// application is X as the registered application calls it, for what belongs to no account.
func (n X) application(s network.Session) server {
	x := n.server(s)
	x.token = s.App["bearer_token"]
	return x
}

// Subscribe registers our address with the application, unless it is, has X prove it where X stopped trusting it, and
// subscribes it to the account's events.
func (n X) Subscribe(ctx context.Context, s network.Session, address string) (bool, error) {
	if s.App["bearer_token"] == "" || s.App["consumer_secret"] == "" {
		return false, nil // nobody asked for it: X charges for every event
	}
	x := n.application(s)
	known, err := x.webhook(ctx, address)
	if err != nil {
		return false, err
	}
	switch {
	case known.ID == "":
		if _, err := x.repeat(ctx, http.MethodPost, "/2/webhooks", map[string]string{"url": address}, &known); err != nil {
			return false, told(err)
		}
	case !known.Valid:
		if _, err := x.repeat(ctx, http.MethodPut, "/2/webhooks/"+escape(known.ID), nil, nil); err != nil {
			return false, told(err)
		}
	}
	at := "/2/account_activity/webhooks/" + escape(known.ID) + "/subscriptions/all"
	var there struct {
		Subscribed bool `json:"subscribed"`
	}
	own := n.server(s)
	if _, _, err := own.get(ctx, at, nil, &there); err == nil && there.Subscribed {
		return true, nil
	}
	_, err = own.repeat(ctx, http.MethodPost, at, map[string]any{}, &there)
	return err == nil && there.Subscribed, told(err)
}

// Unsubscribe ends the account's events; the address stays for the application's other accounts.
func (n X) Unsubscribe(ctx context.Context, s network.Session, address string) error {
	x := n.application(s)
	known, err := x.webhook(ctx, address)
	if err != nil || known.ID == "" {
		return err
	}
	_, err = x.repeat(ctx, http.MethodDelete, "/2/account_activity/webhooks/"+escape(known.ID)+"/subscriptions/"+escape(s.Account.ID)+"/all", nil, nil)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// hooked is a registered address.
type hooked struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Valid bool   `json:"valid"`
}

// webhook is the application's registration of an address, empty where there is none.
func (s server) webhook(ctx context.Context, address string) (hooked, error) {
	var list []hooked
	if _, _, err := s.get(ctx, "/2/webhooks", nil, &list); err != nil {
		return hooked{}, told(err)
	}
	for _, h := range list {
		if h.URL == address {
			return h, nil
		}
	}
	return hooked{}, nil
}

// told keeps a refusal of the application's own calls from looking like one of the account's sign-in.
func told(err error) error {
	if !fault.Is(err, fault.Unauthorised) {
		return err
	}
	f := *fault.As(err)
	f.Kind, f.Message, f.Hint = fault.Rejected, "X refuses to call this installation for this application", "Look at the bearer token of the registered application, and whether its plan has webhooks."
	return &f
}
