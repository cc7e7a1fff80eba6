package network

import (
	"net/http"
	"net/url"
	"time"
)

// Webhook is one call of a network to us, as it arrived.
type Webhook struct {
	Method  string
	Query   url.Values
	Header  http.Header
	Body    []byte // raw: signatures are over these bytes
	Address string // our exact address that was called
	At      time.Time
}

// Heard is what a proved call says.
type Heard struct {
	ID       string   // the network's id of the call, the same when it is sent again; "" = the digest of its body
	Accounts []string // Account.IDs that have news; empty = the call itself was a handshake or concerns nobody here
	Answer   []byte   // what the network wants to read, usually nothing
	MIME     string   // of Answer
}
