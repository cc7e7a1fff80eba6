package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"github.com/bellwether-social/bellwether/internal/attribution"
	"github.com/bellwether-social/bellwether/internal/audience"
	"github.com/bellwether-social/bellwether/internal/campaign"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/customer"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/insight"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/preflight"
	"github.com/bellwether-social/bellwether/internal/strategy"
	"github.com/bellwether-social/bellwether/internal/threshold"
	"github.com/bellwether-social/bellwether/internal/track"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are the parts the interface speaks for.
type Rooms struct {
	Posts       *post.Posts
	Channels    *channel.Channels
	Inbox       *inbox.Inbox
	Links       *link.Links
	Track       *track.Track
	Orders      *customer.Orders
	Attribution *attribution.Attribution
	Campaigns   *campaign.Campaigns
	Goals       *strategy.Goals
	Insight     *insight.Insight
	Audiences   *audience.Audiences
	Journal     *delivery.Journal
	Preflight   *preflight.Checks
	Thresholds  *threshold.Actions
	Once        *workspace.Once
	// Authenticate returns whose key a token is.
	Authenticate func(ctx context.Context, token string) (workspace.Actor, error)
	// Address is where a request came from.
	Address func(ctx context.Context) string
	Limits  Limits
}

// API is the interface and its description.
type API struct {
	Rooms
	huma huma.API
	mux  *http.ServeMux
	ops  []Operation
	pack http.Handler // answer, packed for who takes gzip
}

// Operation is one entry of the route table, for the authorisation matrix.
type Operation struct {
	Method, Path string
	Need         workspace.Capability // "" = any key
	Tag, Summary string
}

// Prefix is where the interface stands.
const Prefix = "/api/v1"

// New builds the interface.
func New(rooms Rooms, version string) *API {
	a := &API{Rooms: rooms, mux: http.NewServeMux()}
	a.pack = packer(http.HandlerFunc(a.answer))
	config := huma.DefaultConfig("Bellwether", version)
	config.Info.Description = "Plan, publish, converse, measure and follow the money. Every POST takes an Idempotency-Key; errors are application/problem+json. " +
		"Requests are limited per key and per workspace: every answer says in RateLimit-Policy and RateLimit how many are allowed a minute and left, " +
		"and one too many is refused with 429 and Retry-After."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = Prefix+"/openapi", "", Prefix+"/schemas"
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", nameOf)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer", Description: "An API key of this workspace, made under Settings → API keys."}}
	config.Security = []map[string][]string{{"key": {}}}
	config.OpenAPI.OnAddOperation = append(config.OpenAPI.OnAddOperation, describeLimits)
	a.huma = humago.New(a.mux, config)
	for _, register := range []func(){a.posts, a.schedule, a.channels, a.inbox, a.links, a.money, a.plan, a.numbers, a.audiences, a.deliveries, a.preflight, a.budgets, a.thresholds} {
		register()
	}
	return a
}

// nameOf names a type in the document: the rooms' own types with their room before them, since two rooms may use one word.
func nameOf(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	room := path.Base(t.PkgPath())
	if t.Name() == "" || t.PkgPath() == "" || room == "api" || strings.Contains(t.Name(), "[") {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// Operations is the route table.
func (a *API) Operations() []Operation { return a.ops }

type actorKey struct{}

// packer packs whole answers for who takes gzip. They carry no secret beside words of others that a stranger could have
// the owner of a key ask for: a key is not sent by itself, as a cookie is (BREACH).
var packer = func() func(http.Handler) http.HandlerFunc {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1400), gzhttp.CompressionLevel(gzip.BestSpeed)) // a shorter answer fits one packet as it is
	if err != nil {
		panic("api: " + err.Error()) // the options are ours
	}
	return wrap
}()

// ServeHTTP answers, packed for who takes gzip.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.pack.ServeHTTP(w, r) }

// answer authenticates, keeps idempotency and hands over.
func (a *API) answer(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, Prefix+"/openapi") || strings.HasPrefix(r.URL.Path, Prefix+"/schemas") {
		a.mux.ServeHTTP(w, r)
		return
	}
	if r.URL.Path == Prefix+"/docs" {
		a.serveDocs(w)
		return
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		write(w, r, fault.Wrap(fault.Unauthorised, nil, "this interface needs an API key").WithHint("Send it as “Authorization: Bearer …”."))
		return
	}
	actor, err := a.Authenticate(r.Context(), token)
	if err != nil {
		if fault.KindOf(err) != fault.Internal {
			err = fault.Wrap(fault.Unauthorised, nil, "this API key is unknown, expired or revoked")
			if a.Limits.Stranger != nil {
				if s := a.Limits.Stranger.Take(a.Address(r.Context())); !s.OK {
					tooMany(w, s, "too many requests without a key that holds came from this address")
					return
				}
			}
		}
		write(w, r, err)
		return
	}
	if !a.admit(w, actor) {
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), actorKey{}, actor))
	r.Body = http.MaxBytesReader(w, r.Body, 4<<20)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if key := r.Header.Get("Idempotency-Key"); key != "" && r.Method == http.MethodPost {
		a.once(w, r, actor, key)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// once answers a repeated request with the first answer.
func (a *API) once(w http.ResponseWriter, r *http.Request, actor workspace.Actor, key string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		write(w, r, fault.Invalidf("body", "the body is larger than 4 MB or broke off"))
		return
	}
	sum := sha256.Sum256(append([]byte(r.Method+" "+r.URL.Path+"\n"), body...))
	before, err := a.Once.Begin(r.Context(), actor, key, hex.EncodeToString(sum[:]))
	if err != nil {
		write(w, r, err)
		return
	}
	if before != nil {
		w.Header().Set("Content-Type", "application/json")
		if before.Status >= 400 {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		w.Header().Set("Idempotency-Replayed", "true")
		w.WriteHeader(before.Status)
		_, _ = w.Write(before.Body)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	kept := &recorder{ResponseWriter: w, status: http.StatusOK}
	a.mux.ServeHTTP(kept, r)
	// The answer is kept even when the caller is gone: that is who asks again.
	if err := a.Once.Finish(context.WithoutCancel(r.Context()), actor, key, kept.status, kept.body.Bytes()); err != nil {
		slog.Error("keep the answer of an idempotency key", "error", err)
	}
}

type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (k *recorder) WriteHeader(status int) { k.status = status; k.ResponseWriter.WriteHeader(status) }
func (k *recorder) Write(p []byte) (int, error) {
	k.body.Write(p)
	return k.ResponseWriter.Write(p)
}

// on registers one operation: who may, what it is, and the verb behind it.
func on[I, O any](a *API, method, path, tag, summary string, need workspace.Capability, do func(ctx context.Context, actor workspace.Actor, in *I) (*O, error)) {
	a.ops = append(a.ops, Operation{method, Prefix + path, need, tag, summary})
	status := http.StatusOK
	if method == http.MethodPost && !strings.Contains(path, "}/") && path != "/posts/preview" {
		status = http.StatusCreated
	}
	if method == http.MethodDelete {
		status = http.StatusNoContent
	}
	id := strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.ToLower(method) + path)
	huma.Register(a.huma, huma.Operation{OperationID: id, Method: method, Path: Prefix + path, Tags: []string{tag}, Summary: summary, DefaultStatus: status,
		Errors: []int{400, 401, 403, 404, 409, 422, 429, 500}, Middlewares: huma.Middlewares{gate(need)}}, func(ctx context.Context, in *I) (*O, error) {
		actor, _ := ctx.Value(actorKey{}).(workspace.Actor)
		out, err := do(ctx, actor, in)
		if err != nil {
			return nil, asProblem(err)
		}
		return out, nil
	})
}

// gate refuses whoever does not hold the capability anywhere, before anything of the request is read. The verb asks
// again for the place.
func gate(need workspace.Capability) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		actor, known := ctx.Context().Value(actorKey{}).(workspace.Actor)
		if known && (need == "" || actor.CanSomewhere(need)) {
			next(ctx)
			return
		}
		p := asProblem(fault.Forbiddenf("this key needs the right “%s”", need.Name()).WithHint("Make one that includes it under Settings → API keys."))
		ctx.SetHeader("Content-Type", p.ContentType(""))
		ctx.SetStatus(p.Status)
		_ = json.NewEncoder(ctx.BodyWriter()).Encode(p)
	}
}

// Body wraps an answer's body.
type Body[T any] struct{ Body T }

func body[T any](v T) *Body[T] { return &Body[T]{v} }

// Page is one page of a list; ask again with cursor for the next one.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last."`
}

type byID struct {
	ID string `path:"id"`
}

func write(w http.ResponseWriter, r *http.Request, err error) {
	send(w, asProblem(err))
	_ = r
}

func send(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}
