package network

import (
	"context"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Network is one external platform. All other interfaces of this file are optional and found by assertion.
type Network interface{ Spec() Spec }

// OAuthConnector signs in by sending the person to the network and back.
type OAuthConnector interface {
	// Begin registers the application where the network wants that and returns where to send the person.
	Begin(ctx context.Context, http *safehttp.Client, req ConnectRequest) (ConnectRedirect, error)
	// Finish turns the callback's query into a grant and the accounts it opens. keep is what Begin returned.
	Finish(ctx context.Context, http *safehttp.Client, keep map[string]string, callback url.Values) (Grant, []Account, error)
}

// PasswordConnector signs in with values the person types (handle and app password, token, key).
type PasswordConnector interface {
	SignIn(ctx context.Context, http *safehttp.Client, fields map[string]string) (Grant, []Account, error)
}

// Refresher renews a grant before it expires. The caller holds the one lock per grant and stores the answer
// before anything uses it.
type Refresher interface {
	Refresh(ctx context.Context, s Session) (Grant, error)
}

// Revoker gives a grant back to the network on disconnect; failing is not an obstacle to disconnecting.
type Revoker interface {
	Revoke(ctx context.Context, s Session) error
}

// Checker reads the account anew: that the grant works, the present name, and the limits of its server.
type Checker interface {
	Check(ctx context.Context, s Session) (Account, error)
}

// Publisher plans and carries out posts.
type Publisher interface {
	// Plan is pure: it reads no clock and no network. Problems of level Error mean there are no steps to run.
	// Keys of steps are derived from draft.Key, so that planning twice gives the same keys.
	Plan(draft Draft, account Account) ([]Step, []Problem)
	// Count counts one part's text as this network does.
	Count(draft Draft, part int, account Account) Count
	// Do carries out one step. earlier holds the outcomes of the steps before it, by step name.
	Do(ctx context.Context, s Session, step Step, earlier Outcomes) (Outcome, error)
}

// Prober looks for the result of a step whose answer was lost.
type Prober interface {
	// Find returns Found with the outcome, or Absent (proved) or NotSeen (presumed only); sent is when the
	// call was made (UTC).
	Find(ctx context.Context, s Session, step Step, earlier Outcomes, sent time.Time) (Finding, Outcome, error)
}

// Reader reads a published item back.
type Reader interface {
	Read(ctx context.Context, s Session, item Remote) (Live, error)
}

// Editor plans the change of a published item; its steps run by Publisher.Do and must be repeatable.
type Editor interface {
	PlanEdit(item Remote, draft Draft, account Account) ([]Step, []Problem)
}

// Deleter removes a published item. Deleting what is already gone succeeds.
type Deleter interface {
	Delete(ctx context.Context, s Session, item Remote) error
}

// Converser reads what people say to the account, and answers.
type Converser interface {
	// Fetch returns what is new after cursor ("" = from now on, with the latest page as history), oldest first.
	Fetch(ctx context.Context, s Session, cursor string) (Batch, error)
	// PlanReply is pure; the steps run by Publisher.Do like a post's.
	PlanReply(reply Reply, account Account) ([]Step, []Problem)
}

// PrivateReplier answers a public message with a private one.
type PrivateReplier interface {
	// PlanPrivate is pure, as PlanReply is: one private message to the author of reply.To. What the network lets nobody
	// answer in private is a Problem with its reason.
	PlanPrivate(reply Reply, account Account) ([]Step, []Problem)
}

// Historian reads what was said before the channel was connected, page by page from the newest to the oldest (E22).
type Historian interface {
	// History returns the messages of the page at place ("" = the newest) in any order. Batch.Cursor is the place of the
	// next older page; More is false when the network has, or tells, no more. The same place gives the same page.
	History(ctx context.Context, s Session, place string) (Batch, error)
}

// Reactor carries out small acts on other people's items: like, hide, mute, … All but reporting are repeatable.
type Reactor interface {
	// Acts lists what the network offers for messages of a kind; nil for none.
	Acts(kind MessageKind) []Act
	Act(ctx context.Context, s Session, act Act, on Remote) error
}

// Measurer reads numbers.
type Measurer interface {
	PostMetrics(ctx context.Context, s Session, items []Remote) ([]Measured, error)
	AccountMetrics(ctx context.Context, s Session) (Values, error)
}

// Directory finds accounts for mention type-ahead.
type Directory interface {
	SearchPeople(ctx context.Context, s Session, query string, limit int) ([]Person, error)
}

// Pricer says what the network charges for a publication, where it charges per call (C10).
type Pricer interface {
	// Price is pure, like Plan.
	Price(draft Draft, account Account) Price
}

// WebhookReader takes the network's own calls to us. They are a doorbell: what they announce is fetched in the usual
// way, so that a lost, late, doubled or replayed call changes nothing.
type WebhookReader interface {
	// Hear answers one call. It proves the network's signature over the raw body with the registered app's values
	// before it reads anything else; what is not proved is an Unauthorised fault.
	Hear(app map[string]string, call Webhook) (Heard, error)
}

// Subscriber has the network call us with an account's news (WebhookReader), where that takes a call for each account. Both
// are safe to repeat: Subscribe is asked again at every check.
type Subscriber interface {
	// Subscribe makes the network call address with the account's news, or makes sure that it does. false is that the
	// registered application is not set up for it, which is no fault.
	Subscribe(ctx context.Context, s Session, address string) (bool, error)
	// Unsubscribe ends that.
	Unsubscribe(ctx context.Context, s Session, address string) error
}

// Sampler gives an account of a workspace in test mode (C33) what this network's rules look at: rights, boards,
// communities. Without it, settings have made-up choices.
type Sampler interface {
	Sample(a Account) Account
}

// Importer lists the account's own items, newest first, made anywhere (for native posts and matching).
type Importer interface {
	Own(ctx context.Context, s Session, before string, limit int) (items []Live, next string, err error)
}
