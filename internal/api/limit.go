package api

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/limit"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Limits are how many requests a minute the interface answers; a nil one is none.
type Limits struct {
	Key       *limit.Rate // of one key
	Workspace *limit.Rate // of all keys of a workspace together
	Stranger  *limit.Rate // of one address without a key that holds
}

// admit counts an actor's request and tells the caller how many are left, of the limit that is nearest.
func (a *API) admit(w http.ResponseWriter, actor workspace.Actor) bool {
	name, nearest := "key", a.Limits.Key.Take(actor.KeyID)
	if all := a.Limits.Workspace.Take(actor.WorkspaceID); nearest.OK && !all.OK || nearest.OK == all.OK && all.Limit > 0 && (nearest.Limit == 0 || all.Left < nearest.Left) {
		name, nearest = "workspace", all
	}
	if nearest.Limit > 0 {
		w.Header().Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=60`, name, nearest.Limit))
		w.Header().Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, name, nearest.Left, whole(nearest.Full)))
	}
	return nearest.OK || tooMany(w, nearest, "this "+name+" has made more than its "+strconv.Itoa(nearest.Limit)+" requests a minute")
}

// tooMany refuses a request; it always reports false.
func tooMany(w http.ResponseWriter, s limit.Standing, words string) bool {
	w.Header().Set("Retry-After", strconv.Itoa(whole(s.Refill)))
	p := asProblem(&fault.Error{Kind: fault.Later, Code: "too_many_requests", Message: words, Hint: "Wait as long as Retry-After says, and spread your requests."})
	p.Status, p.Title = http.StatusTooManyRequests, http.StatusText(http.StatusTooManyRequests)
	send(w, p)
	return false
}

// whole are the seconds that a caller has to wait at most.
func whole(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

// describeLimits says in the document what a refused request is answered with.
func describeLimits(_ *huma.OpenAPI, op *huma.Operation) {
	refused := op.Responses["429"]
	if refused == nil {
		return
	}
	text := func(words string) *huma.Param {
		return &huma.Param{Description: words, Schema: &huma.Schema{Type: huma.TypeString}}
	}
	refused.Headers = map[string]*huma.Param{
		"Retry-After":      text("Seconds until a request is answered again."),
		"RateLimit":        text("The nearest limit: its name, r = requests left, t = seconds until all are back."),
		"RateLimit-Policy": text("The nearest limit: its name, q = requests in w seconds."),
	}
}
