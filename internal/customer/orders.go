package customer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/contact"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/metric"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Order is one purchase.
type Order struct {
	WorkspaceID string    `db:"workspace_id"`
	ID          string    `db:"id"`
	Shop        string    `db:"shop"`
	Number      string    `db:"order_id"` // the shop's own
	Customer    string    `db:"customer"` // the shop's customer number or hashed e-mail
	ContactID   string    `db:"contact_id"`
	Visitor     string    `db:"visitor"`
	OrderedAt   time.Time `db:"ordered_at"`   // UTC
	Amount      int64     `db:"amount_minor"` // paid value without tax, minor units
	Currency    string    `db:"currency"`
	Tax         int64     `db:"tax_minor"`
	Shipping    int64     `db:"shipping_minor"`
	Discount    int64     `db:"discount_minor"`
	Refund      int64     `db:"refund_minor"`
	State       string    `db:"state"` // paid, refunded, partly_refunded, conflict
	Code        string    `db:"code"`
	Products    []string  `db:"products,json"`
	Source      string    `db:"source"`
	CreatedAt   time.Time `db:"created_at"`

	// The last touch, filled by package attribution.
	LinkID     string    `db:"link_id"`
	TargetID   string    `db:"target_id"`
	PostID     string    `db:"post_id"`
	CampaignID string    `db:"campaign_id"`
	ChannelID  string    `db:"channel_id"`
	Group      string    `db:"channel_group"`
	TouchAt    time.Time `db:"touch_at"`
}

// Net is what the order earned: paid value without tax, less refunds.
func (o Order) Net() int64 { return o.Amount - o.Refund }

const columns = `workspace_id, id, shop, order_id, customer, contact_id, visitor, ordered_at, amount_minor, currency, tax_minor, shipping_minor,
	discount_minor, refund_minor, state, code, products, source, created_at, link_id, target_id, post_id, campaign_id, channel_id, channel_group, touch_at`

// Orders are all orders.
type Orders struct {
	db       *db.DB
	events   *event.Events
	contacts *contact.Contacts
}

// New returns the orders of this database.
func New(database *db.DB, events *event.Events, contacts *contact.Contacts) *Orders {
	return &Orders{db: database, events: events, contacts: contacts}
}

// Arrival is an order as it comes in. Email is used to find the contact and is not stored with the order.
type Arrival struct {
	Order
	Email string
	Name  string
}

// Result says what became of an arrival.
type Result string

const (
	Stored    Result = "stored"
	Unchanged Result = "unchanged" // the same order had arrived before
	Updated   Result = "updated"   // a refund or state changed
)

// Record stores an order once. The same shop and number again changes only refund and state; another amount or
// currency answers with a Conflict and changes nothing.
func (o *Orders) Record(ctx context.Context, actor workspace.Actor, a Arrival) (Order, Result, error) {
	if err := actor.May(workspace.OrderImport, workspace.Scope{}); err != nil {
		return Order{}, "", err
	}
	var stored Order
	var result Result
	err := o.db.Tx(ctx, func(tx *db.Tx) (err error) {
		stored, result, err = o.record(ctx, tx, actor, a)
		return err
	})
	return stored, result, err
}

func (o *Orders) record(ctx context.Context, tx *db.Tx, actor workspace.Actor, a Arrival) (Order, Result, error) {
	if err := a.check(); err != nil {
		return Order{}, "", err
	}
	if a.Email != "" {
		person, err := o.contacts.Known(ctx, tx, actor.WorkspaceID, "email", a.Email, a.Name, "order")
		if err != nil {
			return Order{}, "", err
		}
		a.ContactID = person.ContactID
	}
	a.WorkspaceID, a.ID, a.CreatedAt = actor.WorkspaceID, id.New("order"), db.Now()
	a.State = stateOf(a.Amount, a.Refund)
	if a.Products == nil {
		a.Products = []string{}
	}
	n, err := db.Exec(ctx, tx, `insert into orders (workspace_id, id, shop, order_id, customer, contact_id, visitor, ordered_at, amount_minor, currency, tax_minor,
			shipping_minor, discount_minor, refund_minor, state, code, products, source, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) on conflict (workspace_id, shop, order_id) do nothing`,
		a.WorkspaceID, a.ID, a.Shop, a.Number, a.Customer, a.ContactID, a.Visitor, a.OrderedAt, a.Amount, a.Currency, a.Tax, a.Shipping, a.Discount, a.Refund, a.State,
		a.Code, db.JSON(a.Products), a.Source, a.CreatedAt)
	if err != nil {
		return Order{}, "", fmt.Errorf("store order %s: %w", a.Number, err)
	}
	if n == 0 {
		return o.again(ctx, tx, actor, a)
	}
	if err := metric.Stale(ctx, tx, a.WorkspaceID, metric.OfOrders, a.OrderedAt); err != nil {
		return a.Order, "", err
	}
	if err := o.events.Record(ctx, tx, a.WorkspaceID, actor.ID(), "order.recorded", a.ID, map[string]any{"number": a.Number, "amount_minor": a.Amount, "currency": a.Currency}); err != nil {
		return a.Order, "", err
	}
	return a.Order, Stored, nil
}

// again handles an order that is there already (I19, R39).
func (o *Orders) again(ctx context.Context, tx *db.Tx, actor workspace.Actor, a Arrival) (Order, Result, error) {
	before, err := db.One[Order](ctx, tx, `select `+columns+` from orders where workspace_id = $1 and shop = $2 and order_id = $3`, a.WorkspaceID, a.Shop, a.Number)
	if err != nil {
		return before, "", err
	}
	if before.Amount != a.Amount || before.Currency != a.Currency {
		return before, "", fault.Conflictf("order %s is stored with %s %s and arrived again with %s %s", a.Number, Format(before.Amount, before.Currency), before.Currency,
			Format(a.Amount, a.Currency), a.Currency).WithCode("amount_conflict").WithHint("Nothing was changed. Correct the row, or send the difference as a refund.")
	}
	visitor := before.Visitor
	if visitor == "" {
		visitor = a.Visitor
	}
	if before.Refund == a.Refund && before.Visitor == visitor {
		return before, Unchanged, nil
	}
	after, err := db.One[Order](ctx, tx, `update orders set refund_minor = $3, state = $4, visitor = $5 where workspace_id = $1 and id = $2 returning `+columns,
		a.WorkspaceID, before.ID, a.Refund, a.State, visitor)
	if err != nil {
		return before, "", err
	}
	if err := metric.Stale(ctx, tx, a.WorkspaceID, metric.OfOrders, before.OrderedAt); err != nil {
		return after, "", err
	}
	if err := workspace.Audit(ctx, tx, actor, "order.updated", before.ID, map[string]int64{"refund_minor": before.Refund}, map[string]int64{"refund_minor": after.Refund}); err != nil {
		return after, "", err
	}
	return after, Updated, o.events.Record(ctx, tx, a.WorkspaceID, actor.ID(), "order.updated", before.ID, nil)
}

func (a *Arrival) check() error {
	a.Number, a.Currency = strings.TrimSpace(a.Number), strings.ToUpper(strings.TrimSpace(a.Currency))
	now := db.Now()
	switch {
	case a.Number == "" || len(a.Number) > 200:
		return fault.Invalidf("order_id", "an order needs its number, of at most 200 bytes")
	case len(a.Shop) > 100:
		return fault.Invalidf("shop", "a shop's name has at most 100 bytes")
	case !KnownCurrency(a.Currency):
		return fault.Invalidf("currency", "%q is not a currency; use the three letters of ISO 4217, such as EUR", clip(a.Currency))
	case a.Amount < 0:
		return fault.Invalidf("amount", "an order's amount cannot be negative; send what was given back as refund")
	case a.Refund < 0 || a.Refund > a.Amount:
		return fault.Invalidf("refund", "a refund lies between 0 and the order's amount")
	case a.OrderedAt.IsZero():
		return fault.Invalidf("ordered_at", "an order needs the time it was made")
	case a.OrderedAt.After(now.Add(24 * time.Hour)):
		return fault.Invalidf("ordered_at", "the order lies in the future (%s)", a.OrderedAt.Format(time.RFC3339))
	case a.OrderedAt.Year() < 1990:
		return fault.Invalidf("ordered_at", "the order lies before 1990 (%s)", a.OrderedAt.Format(time.RFC3339))
	case a.Tax < 0 || a.Shipping < 0 || a.Discount < 0:
		return fault.Invalidf("tax", "tax, shipping and discount cannot be negative")
	}
	return nil
}

func stateOf(amount, refund int64) string {
	switch {
	case refund == 0:
		return "paid"
	case refund == amount:
		return "refunded"
	}
	return "partly_refunded"
}

// readable narrows a query of orders to what the actor may read. An order belongs to the channel of its last touch, and
// with it to that channel's brand; one that nothing is credited for belongs to the workspace alone.
func readable(actor workspace.Actor, args *[]any) string {
	return " and " + actor.Readable(workspace.Rows{Channel: "channel_id = ?",
		Brand: "exists (select 1 from channels h where h.workspace_id = orders.workspace_id and h.id = orders.channel_id and h.brand_id = ?)",
		Own:   "exists (select 1 from posts p where p.workspace_id = orders.workspace_id and p.id = orders.post_id and p.author_id = ?)"}, args, workspace.OrderRead)
}

// Get returns one order that the actor may read.
func (o *Orders) Get(ctx context.Context, actor workspace.Actor, orderID string) (Order, error) {
	if !actor.CanSomewhere(workspace.OrderRead) {
		return Order{}, actor.May(workspace.OrderRead, workspace.Scope{})
	}
	args := []any{actor.WorkspaceID, orderID}
	found, err := db.One[Order](ctx, o.db, `select `+columns+` from orders where workspace_id = $1 and id = $2`+readable(actor, &args), args...)
	if fault.Is(err, fault.NotFound) {
		return found, fault.NotFoundf("there is no such order in this workspace")
	}
	return found, err
}

// Filter narrows the list; zero values narrow nothing.
type Filter struct {
	From, To                                           time.Time // [From, To) by order date
	CampaignID, PostID, TargetID, ChannelID, ContactID string
	Group, Currency                                    string
	Unattributed                                       bool
	BeforeAt                                           time.Time // cursor
	BeforeID                                           string
	Limit                                              int
}

// List returns orders, the newest first, and whether there are more: the rows behind every revenue figure.
func (o *Orders) List(ctx context.Context, actor workspace.Actor, f Filter) ([]Order, bool, error) {
	if !actor.CanSomewhere(workspace.OrderRead) {
		return nil, false, actor.May(workspace.OrderRead, workspace.Scope{})
	}
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	far := time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
	if f.To.IsZero() {
		f.To = far
	}
	if f.BeforeAt.IsZero() {
		f.BeforeAt, f.BeforeID = far, "z"
	}
	from := f.From
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	args := []any{actor.WorkspaceID, from, f.To, f.CampaignID, f.PostID, f.TargetID, f.ChannelID, f.ContactID, f.Group,
		f.Currency, f.Unattributed, f.BeforeAt, f.BeforeID, f.Limit + 1}
	rows, err := db.All[Order](ctx, o.db, `select `+columns+` from orders where workspace_id = $1 and ordered_at >= $2 and ordered_at < $3
			and ($4 = '' or campaign_id = $4) and ($5 = '' or post_id = $5) and ($6 = '' or target_id = $6) and ($7 = '' or channel_id = $7)
			and ($8 = '' or contact_id = $8) and ($9 = '' or channel_group = $9) and ($10 = '' or currency = $10) and ($11 = false or touch_at is null)
			and (ordered_at, id) < ($12, $13)`+readable(actor, &args)+`
		order by ordered_at desc, id desc limit $14`, args...)
	if err != nil {
		return nil, false, err
	}
	if len(rows) > f.Limit {
		return rows[:f.Limit], true, nil
	}
	return rows, false, nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// In returns one order as a transaction sees it, for the rooms that credit it.
func (o *Orders) In(ctx context.Context, q db.Queryer, workspaceID, orderID string) (Order, error) {
	return db.One[Order](ctx, q, `select `+columns+` from orders where workspace_id = $1 and id = $2`, workspaceID, orderID)
}
