package page

import (
	"net/http"

	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Need is what a person must have before a route answers: a capability, held somewhere in the workspace, or one of
// the three below. A verb behind the route still checks the exact scope.
type Need = workspace.Capability

const (
	Public   Need = "page.public"    // everyone, signed in or not
	SignedIn Need = "page.signed_in" // a person with a session, member of a workspace or not
	Member   Need = "page.member"    // a member of the workspace the person works in, whatever the role
)

// Route is one address of the web interface.
type Route struct {
	Method  string // http.MethodGet or, for every change, http.MethodPost
	Pattern string // as net/http patterns: "/calendar/{id}"
	Need    Need
	Handle  func(*Context) error

	Body  int64 // largest request body in bytes; 0 = 1 MiB
	Limit int   // requests a minute per person or address; 0 = the server's own limit

	BeforeSecondFactor bool // answers a member who still lacks the second factor that the workspace asks for
}

// Get, Post are short for a Route of that method.
func Get(pattern string, need Need, handle func(*Context) error) Route {
	return Route{Method: http.MethodGet, Pattern: pattern, Need: need, Handle: handle}
}

// Post is a route that changes something.
func Post(pattern string, need Need, handle func(*Context) error) Route {
	return Route{Method: http.MethodPost, Pattern: pattern, Need: need, Handle: handle}
}

// Allowed reports whether the need is met; the one place that decides it for every route.
func Allowed(need Need, signedIn, member bool, actor workspace.Actor) bool {
	switch need {
	case Public:
		return true
	case SignedIn:
		return signedIn
	case Member:
		return member
	}
	return member && actor.CanSomewhere(need)
}
