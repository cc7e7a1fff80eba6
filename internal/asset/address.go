package asset

import (
	"context"
	"encoding/base64"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/secret"
)

// addressLife is how long a network may fetch a file: containers at Instagram and Threads live a day.
const addressLife = 25 * time.Hour

// purpose keeps a signature of ours from opening anything but a file.
const purpose = "asset_address"

// Reachable lets networks that take no upload fetch files below base, the public address of this installation; nil is
// an installation without one. Call it before anything is sent.
func (l *Library) Reachable(keys *secret.Keys, base *url.URL) { l.keys, l.base = keys, base }

// Reaches says that networks can fetch files from this installation: it has a public address.
func (l *Library) Reaches() bool { return l.base != nil }

// Address is where a network may fetch a file for the next day, or "" where it cannot reach us. Whoever has the
// address can read that one file and nothing else.
func (l *Library) Address(workspaceID string, m network.Media) string {
	if l.base == nil {
		return ""
	}
	what := strings.Join([]string{workspaceID, m.SHA256, m.MIME, strconv.FormatInt(db.Now().Add(addressLife).Unix(), 10)}, "|")
	return l.base.JoinPath("files", base64.RawURLEncoding.EncodeToString([]byte(what)), l.keys.Sign(purpose, what), "file"+extension[m.MIME]).String()
}

// Fetch opens what an address names. A changed or expired address is answered like one that never was.
func (l *Library) Fetch(ctx context.Context, named, signature string) (file io.ReadSeekCloser, mime string, err error) {
	gone := fault.NotFoundf("there is no such file")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(named)
	if err != nil || l.keys == nil || !l.keys.Verify(purpose, string(raw), signature) {
		return nil, "", gone
	}
	part := strings.Split(string(raw), "|")
	if len(part) != 4 {
		return nil, "", gone
	}
	until, err := strconv.ParseInt(part[3], 10, 64)
	if err != nil || db.Now().After(time.Unix(until, 0)) {
		return nil, "", gone
	}
	file, err = l.open(ctx, part[0], part[1])
	return file, part[2], err
}
