package channel

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// stateLife is how long a started sign-in may take (ASVS 10.1.2).
const stateLife = 10 * time.Minute

// SignInStart is what a person asks for when connecting by OAuth.
type SignInStart struct {
	Network     string
	Server      string
	BrandID     string
	RedirectURL string // our exact callback address
	Session     string // the browser session's token: the callback must come from the same one
}

// kept is what a started sign-in remembers, sealed.
type kept struct {
	Keep        map[string]string `json:"keep"`
	RedirectURL string            `json:"redirect_url"`
}

// StartSignIn registers what the network wants and returns where to send the person.
func (c *Channels) StartSignIn(ctx context.Context, actor workspace.Actor, req SignInStart) (redirect string, err error) {
	if err := actor.May(workspace.ChannelConnect, workspace.Scope{BrandID: req.BrandID}); err != nil {
		return "", err
	}
	n, err := c.Connectable(ctx, actor, req.Network)
	if err != nil {
		return "", err
	}
	connector, ok := n.(network.OAuthConnector)
	if !ok {
		return "", fault.Invalidf("network", "%s is not connected by signing in there", n.Spec().Name)
	}
	app, err := c.app(ctx, actor.WorkspaceID, n)
	if err != nil {
		return "", err
	}
	if n.Spec().App != nil && app == nil {
		return "", fault.Rejectedf("no application is registered with %s yet", n.Spec().Name).WithHint("Register it first: the page says how. Nothing was connected.")
	}
	state, verifier := id.Secret()+id.Secret(), id.Secret()+id.Secret()
	challenge := sha256.Sum256([]byte(verifier))
	to, err := connector.Begin(ctx, c.http, network.ConnectRequest{Server: req.Server, RedirectURL: req.RedirectURL, State: state,
		Verifier: verifier, Challenge: base64.RawURLEncoding.EncodeToString(challenge[:]), AppName: "Bellwether", App: app})
	if err != nil {
		return "", err
	}
	if to.Keep == nil {
		to.Keep = map[string]string{}
	}
	to.Keep["verifier"], to.Keep["redirect_url"] = verifier, req.RedirectURL
	plain, err := json.Marshal(kept{to.Keep, req.RedirectURL})
	if err != nil {
		return "", err
	}
	key := hashed(state)
	sealed, err := c.keys.Seal(plain, "connect_attempts/"+key)
	if err != nil {
		return "", err
	}
	_, err = db.Exec(ctx, c.db, `insert into connect_attempts (state_hash, workspace_id, user_id, session_hash, network, server,
			brand_id, keep_sealed, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		key, actor.WorkspaceID, actor.UserID, hashed(req.Session), req.Network, req.Server, req.BrandID, sealed, db.Now().Add(stateLife))
	return to.URL, err
}

// FinishSignIn takes the network's callback. The state works once, within ten minutes, for the person, session and
// workspace that started it (S18–S20). A grant that opens one account connects it; one that opens several waits for
// Choose, and the id of the choice is returned instead.
func (c *Channels) FinishSignIn(ctx context.Context, actor workspace.Actor, networkKey, session string, callback url.Values) (made []Channel, choiceID string, err error) {
	key := hashed(callback.Get("state"))
	type attempt struct {
		Server  string `db:"server"`
		BrandID string `db:"brand_id"`
		Keep    string `db:"keep_sealed"`
	}
	found, err := db.All[attempt](ctx, c.db, `update connect_attempts set used_at = $6
		where state_hash = $1 and workspace_id = $2 and user_id = $3 and session_hash = $4 and network = $5
			and used_at is null and expires_at > $6 returning server, brand_id, keep_sealed`,
		key, actor.WorkspaceID, actor.UserID, hashed(session), networkKey, db.Now())
	if err != nil {
		return nil, "", err
	}
	if callback.Get("state") == "" || len(found) == 0 {
		return nil, "", fault.Invalidf("state", "this sign-in was not started here, was used already or is older than ten minutes").
			WithHint("Start again under Channels. Nothing was connected and no queue was touched.")
	}
	if reason := callback.Get("error"); reason != "" {
		return nil, "", fault.Rejectedf("the network did not grant access (%s)", clip(reason, 80)).
			WithHint("If you pressed cancel, start again and allow access. Nothing was connected.")
	}
	n, err := c.Connectable(ctx, actor, networkKey)
	if err != nil {
		return nil, "", err
	}
	connector, ok := n.(network.OAuthConnector)
	if !ok {
		return nil, "", fault.Invalidf("network", "%s is not connected by signing in there", n.Spec().Name)
	}
	plain, err := c.keys.Open(found[0].Keep, "connect_attempts/"+key)
	if err != nil {
		return nil, "", fmt.Errorf("open the started sign-in: %w", err)
	}
	var k kept
	if err := json.Unmarshal(plain, &k); err != nil {
		return nil, "", fmt.Errorf("read the started sign-in: %w", err)
	}
	grant, accounts, err := connector.Finish(ctx, c.http, k.Keep, callback)
	if err != nil {
		return nil, "", err
	}
	if len(accounts) > 1 {
		return nil, key, c.offer(ctx, key, grant, accounts)
	}
	made, err = c.add(ctx, actor, n, found[0].Server, found[0].BrandID, grant, accounts)
	return made, "", err
}

// SignIn connects with values the person typed. They are handed to the network's connector and kept only inside
// the sealed grant.
func (c *Channels) SignIn(ctx context.Context, actor workspace.Actor, networkKey, brandID string, fields map[string]string) ([]Channel, error) {
	if err := actor.May(workspace.ChannelConnect, workspace.Scope{BrandID: brandID}); err != nil {
		return nil, err
	}
	n, err := c.Connectable(ctx, actor, networkKey)
	if err != nil {
		return nil, err
	}
	connector, ok := n.(network.PasswordConnector)
	if !ok {
		return nil, fault.Invalidf("network", "%s is connected by signing in there", n.Spec().Name)
	}
	for _, f := range n.Spec().SignIn.Fields {
		if f.Required && fields[f.Key] == "" {
			return nil, fault.Invalidf(f.Key, "%s is needed", f.Label)
		}
	}
	grant, accounts, err := connector.SignIn(ctx, c.http, fields)
	if err != nil {
		return nil, err
	}
	return c.add(ctx, actor, n, fields["server"], brandID, grant, accounts)
}

// Connectable returns the network to connect, in a workspace in test mode its imitation (C33).
func (c *Channels) Connectable(ctx context.Context, actor workspace.Actor, networkKey string) (network.Network, error) {
	n := c.networks.Get(networkKey)
	if n == nil {
		return nil, fault.NotFoundf("there is no such network").WithHint("Choose one under Channels.")
	}
	test, err := db.One[bool](ctx, c.db, `select test_mode from workspaces where id = $1`, actor.WorkspaceID)
	if err != nil || !test {
		return n, err
	}
	return c.networks.Test(networkKey), nil
}

// add stores the grant, sealed, and a channel per account. An account that was connected before is the same
// channel again, with its queue; nothing that waited is sent without the person's choice (C19).
func (c *Channels) add(ctx context.Context, actor workspace.Actor, n network.Network, server, brandID string, grant network.Grant, accounts []network.Account) ([]Channel, error) {
	if len(accounts) == 0 {
		return nil, fault.Rejectedf("%s granted access, but to no account that can be connected", n.Spec().Name)
	}
	connection, now := id.New("conn"), db.Now()
	sealed, err := c.seal(grant, connection)
	if err != nil {
		return nil, err
	}
	var ids []string
	err = c.db.Tx(ctx, func(tx *db.Tx) error {
		brand, err := db.All[string](ctx, tx, `select zone from brands where workspace_id = $1 and id = $2`, actor.WorkspaceID, brandID)
		if err != nil {
			return err
		}
		if len(brand) == 0 {
			return fault.Invalidf("brand", "choose the brand this channel belongs to")
		}
		if _, err := db.Exec(ctx, tx, `insert into connections (workspace_id, id, network, server, grant_sealed, scopes, expires_at,
				state, checked_at, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)`,
			actor.WorkspaceID, connection, n.Spec().Key, server, sealed, db.JSON(grant.Scopes), grant.ExpiresAt, Connected, now, actor.UserID); err != nil {
			return err
		}
		for _, account := range accounts {
			channelID, err := c.addOne(ctx, tx, actor, n, connection, brandID, brand[0], account)
			if err != nil {
				return err
			}
			ids = append(ids, channelID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []Channel
	for _, channelID := range ids {
		if err := c.subscribe(ctx, actor.WorkspaceID, channelID); err != nil {
			return nil, err
		}
		ch, err := c.Get(ctx, actor, channelID)
		if err != nil {
			return nil, err
		}
		out = append(out, ch)
	}
	return out, nil
}

func (c *Channels) addOne(ctx context.Context, tx *db.Tx, actor workspace.Actor, n network.Network, connection, brandID, zone string, account network.Account) (string, error) {
	made := id.New("chan")
	channelID, err := db.One[string](ctx, tx, `insert into channels (workspace_id, id, brand_id, connection_id, network, remote_id, handle,
			name, url, avatar_url, account, zone, responsible_id, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (workspace_id, network, remote_id) do update set connection_id = excluded.connection_id, handle = excluded.handle,
			name = excluded.name, url = excluded.url, avatar_url = excluded.avatar_url, account = excluded.account, disconnected_at = null
		returning id`, actor.WorkspaceID, made, brandID, connection, n.Spec().Key, account.ID, account.Handle, account.Name, account.URL,
		account.AvatarURL, db.JSON(account), zone, actor.UserID, db.Now())
	if err != nil {
		return "", fmt.Errorf("store channel %s: %w", account.Handle, err)
	}
	what := "channel.connected"
	if channelID != made {
		what = "channel.reconnected"
	}
	facts := map[string]string{"network": n.Spec().Key, "handle": account.Handle, "name": account.Name}
	if err := workspace.Audit(ctx, tx, actor, what, channelID, nil, facts); err != nil {
		return "", err
	}
	return channelID, c.events.Record(ctx, tx, actor.WorkspaceID, actor.ID(), what, channelID, facts)
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
