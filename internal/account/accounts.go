package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/job"
	"github.com/bellwether-social/bellwether/internal/mail"
	"github.com/bellwether-social/bellwether/internal/secret"
	"github.com/bellwether-social/bellwether/internal/when"
)

// Accounts are all people with a login on this installation.
type Accounts struct {
	db    *db.DB
	keys  *secret.Keys
	site  *url.URL
	hash  *hasher
	clock func() time.Time
	jobs  *job.Jobs   // nil until Write
	mail  mail.Sender // nil until Write
}

// New returns the accounts of this database. site is the public address people use ("https://social.example.org");
// passkeys are bound to its host.
func New(database *db.DB, keys *secret.Keys, site string) (*Accounts, error) {
	u, err := url.Parse(site)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fault.Invalidf("url", "the public address %q must look like https://social.example.org", site)
	}
	return &Accounts{db: database, keys: keys, site: u, hash: newHasher(), clock: db.Now}, nil
}

// At returns the same accounts as seen at another time, for tests of what ends and slows down.
func (a *Accounts) At(clock func() time.Time) *Accounts {
	other := *a
	other.clock = func() time.Time { return clock().UTC().Truncate(time.Microsecond) }
	return &other
}

func (a *Accounts) now() time.Time { return a.clock() }

// User is a person with a login.
type User struct {
	ID            string    `db:"id"`
	Email         string    `db:"email"` // lower case
	Name          string    `db:"name"`
	Zone          string    `db:"zone"`   // IANA zone the person works in
	Language      string    `db:"locale"` // BCP 47
	Theme         string    `db:"theme"`  // system, light, dark
	InstanceOwner bool      `db:"instance_owner"`
	HasPassword   bool      `db:"has_password"`
	HasTOTP       bool      `db:"has_totp"`
	Passkeys      int       `db:"passkeys"`
	Created       time.Time `db:"created_at"`
	Disabled      time.Time `db:"disabled_at"` // zero = may sign in
}

// SecondFactor reports whether more than a password protects the person's account.
func (u User) SecondFactor() bool { return u.HasTOTP || u.Passkeys > 0 }

const userColumns = `u.id, u.email, u.name, u.zone, u.locale, u.theme, u.instance_owner, u.password_hash <> '' as has_password,
	u.totp_secret <> '' as has_totp, (select count(*) from passkeys p where p.user_id = u.id) as passkeys,
	u.created_at, u.disabled_at`

// User returns one person.
func (a *Accounts) User(ctx context.Context, userID string) (User, error) {
	return user(ctx, a.db, `u.id = $1`, userID)
}

// ByEmail returns the person with this address.
func (a *Accounts) ByEmail(ctx context.Context, email string) (User, error) {
	return user(ctx, a.db, `u.email = $1`, normalEmail(email))
}

func user(ctx context.Context, q db.Queryer, where string, args ...any) (User, error) {
	u, err := db.One[User](ctx, q, `select `+userColumns+` from users u where `+where, args...)
	if fault.Is(err, fault.NotFound) {
		return u, fault.NotFoundf("there is no such person")
	}
	return u, err
}

// NewUser is what a new account needs. Password may be empty for a person who will use a link or passkey.
type NewUser struct {
	Name, Email, Password string
	Zone                  string // UTC when empty
	InstanceOwner         bool
}

// Check reports what is wrong with it before anything is stored.
func (n NewUser) Check() error {
	if strings.TrimSpace(n.Name) == "" {
		return fault.Invalidf("name", "a name is missing").WithHint("Write the name colleagues should see.")
	}
	if size := utf8.RuneCountInString(n.Name); size > 200 {
		return fault.Invalidf("name", "the name has %d characters, the limit is 200", size)
	}
	if strings.ContainsFunc(n.Name, unicode.IsControl) {
		return fault.Invalidf("name", "the name contains a line break or another control character")
	}
	if err := CheckEmail(n.Email); err != nil {
		return err
	}
	if n.Zone != "" {
		if _, err := when.Zone(n.Zone); err != nil {
			return err
		}
	}
	if n.Password == "" {
		return nil
	}
	return CheckPassword(n.Password, n.Email, n.Name)
}

// Hash prepares the password of a new user. It takes a tenth of a second on purpose and so runs before the
// transaction that stores the user.
func (a *Accounts) Hash(ctx context.Context, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	return a.hash.make(ctx, password)
}

// Add stores a new user in tx, with the hash that Hash made. An address in use is refused.
func (a *Accounts) Add(ctx context.Context, tx *db.Tx, n NewUser, hash string) (User, error) {
	if err := n.Check(); err != nil {
		return User{}, err
	}
	if n.Zone == "" {
		n.Zone = "UTC"
	}
	email := normalEmail(n.Email)
	made, err := db.Exec(ctx, tx, `insert into users (id, email, name, password_hash, zone, instance_owner, created_at, password_changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (email) do nothing`,
		id.New("user"), email, strings.TrimSpace(n.Name), hash, n.Zone, n.InstanceOwner, a.now())
	if err != nil {
		return User{}, err
	}
	if made == 0 {
		return User{}, fault.Invalidf("email", "%s already has an account here", email).WithHint("Sign in with it instead.")
	}
	return user(ctx, tx, `u.email = $1`, email)
}

// CheckEmail refuses what is not one plain e-mail address.
func CheckEmail(email string) error {
	email = strings.TrimSpace(email)
	if email == "" {
		return fault.Invalidf("email", "an e-mail address is missing")
	}
	parsed, err := netmail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return fault.Invalidf("email", "%q is not an e-mail address", email).WithHint("It should look like name@example.org.")
	}
	return nil
}

func normalEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// hashed is how tokens of 160 random bits are stored: a fast hash is enough for what cannot be guessed.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
