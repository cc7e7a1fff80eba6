package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Key is an API key: it acts as the person who made it, with the capabilities chosen for it.
type Key struct {
	ID           string       `db:"id"`
	UserID       string       `db:"user_id"`
	Owner        string       `db:"owner"`
	Name         string       `db:"name"`
	Prefix       string       `db:"prefix"`
	Capabilities []Capability `db:"capabilities,json"`
	Created      time.Time    `db:"created_at"`
	Expires      time.Time    `db:"expires_at"` // zero = never
	Used         time.Time    `db:"used_at"`
	Revoked      time.Time    `db:"revoked_at"`
}

// MakeKey makes a key with capabilities the actor holds and returns its token, which is nowhere else.
func (w *Workspaces) MakeKey(ctx context.Context, actor Actor, name string, capabilities []Capability, expires time.Time) (Key, string, error) {
	if !actor.CanSomewhere(KeyManage) {
		return Key{}, "", actor.May(KeyManage, Scope{})
	}
	if name = strings.TrimSpace(name); name == "" || len(name) > 100 {
		return Key{}, "", fault.Invalidf("name", "a key needs a name of at most 100 bytes")
	}
	if len(capabilities) == 0 {
		return Key{}, "", fault.Invalidf("capabilities", "choose at least one capability")
	}
	if !expires.IsZero() && !expires.After(w.clock()) {
		return Key{}, "", fault.Invalidf("expires", "the key would have expired already")
	}
	for _, c := range capabilities {
		if !slices.Contains(Capabilities, c) {
			return Key{}, "", fault.Invalidf("capabilities", "%q is not a right", c)
		}
		if !actor.CanSomewhere(c) {
			return Key{}, "", fault.Forbiddenf("a key can do no more than you: you do not hold “%s”", c.Name())
		}
	}
	token := "bw_" + id.Secret() + id.Secret()[:8]
	k := Key{ID: id.New("key"), UserID: actor.UserID, Owner: actor.Name, Name: name, Prefix: token[:9], Capabilities: capabilities, Created: w.clock(), Expires: expires}
	facts := map[string]any{"name": name, "capabilities": capabilities}
	if !expires.IsZero() {
		facts["expires"] = expires
	}
	err := w.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := db.Exec(ctx, tx, `insert into api_keys (workspace_id, id, user_id, name, token_hash, prefix, capabilities, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			actor.WorkspaceID, k.ID, k.UserID, k.Name, tokenHash(token), k.Prefix, db.JSON(k.Capabilities), k.Created, k.Expires); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "key.made", k.ID, nil, facts)
	})
	return k, token, err
}

// Keys lists the workspace's keys that an actor may see: all for who manages the workspace, else their own.
func (w *Workspaces) Keys(ctx context.Context, actor Actor) ([]Key, error) {
	own := actor.UserID
	if actor.Can(KeyManage, Scope{}) {
		own = ""
	}
	return db.All[Key](ctx, w.db, `select k.id, k.user_id, coalesce(u.name, '') as owner, k.name, k.prefix, k.capabilities, k.created_at, k.expires_at, k.used_at, k.revoked_at
		from api_keys k left join users u on u.id = k.user_id where k.workspace_id = $1 and ($2 = '' or k.user_id = $2) order by k.id desc`, actor.WorkspaceID, own)
}

// RevokeKey ends a key at once.
func (w *Workspaces) RevokeKey(ctx context.Context, actor Actor, keyID string) error {
	return w.db.Tx(ctx, func(tx *db.Tx) error {
		owner, err := db.One[string](ctx, tx, `select user_id from api_keys where workspace_id = $1 and id = $2`, actor.WorkspaceID, keyID)
		if err != nil {
			if fault.Is(err, fault.NotFound) {
				return fault.NotFoundf("there is no such key in this workspace")
			}
			return err
		}
		if err := actor.MayOwn(KeyManage, Scope{}, owner == actor.UserID); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, tx, `update api_keys set revoked_at = $3 where workspace_id = $1 and id = $2 and revoked_at is null`, actor.WorkspaceID, keyID, w.clock()); err != nil {
			return err
		}
		return w.record(ctx, tx, actor, "key.revoked", keyID, nil, nil)
	})
}

// ActorOfKey returns whose key a token is: the person's present roles, narrowed to the key's capabilities.
func (w *Workspaces) ActorOfKey(ctx context.Context, token, address string) (Actor, error) {
	found, err := db.All[struct {
		WorkspaceID  string       `db:"workspace_id"`
		ID           string       `db:"id"`
		UserID       string       `db:"user_id"`
		Name         string       `db:"name"`
		Zone         string       `db:"zone"`
		Capabilities []Capability `db:"capabilities,json"`
		Used         time.Time    `db:"used_at"`
	}](ctx, w.db, `select k.workspace_id, k.id, k.user_id, u.name, u.zone, k.capabilities, k.used_at from api_keys k join users u on u.id = k.user_id
		where k.token_hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > $2) and u.disabled_at is null`, tokenHash(token), w.clock())
	if err != nil {
		return Actor{}, err
	}
	if len(found) == 0 {
		return Actor{}, fault.NotFoundf("there is no such key")
	}
	k := found[0]
	actor, err := w.ActorOf(ctx, account.User{ID: k.UserID, Name: k.Name, Zone: k.Zone}, k.WorkspaceID, "api", address)
	if err != nil {
		return actor, err
	}
	actor.KeyID, actor.Limit = k.ID, k.Capabilities
	if w.clock().Sub(k.Used) > time.Minute {
		_, err = db.Exec(ctx, w.db, `update api_keys set used_at = $3 where workspace_id = $1 and id = $2`, k.WorkspaceID, k.ID, w.clock())
	}
	return actor, err
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
