package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/account"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Config is what the server stands on.
type Config struct {
	House   *page.House
	Events  *event.Events
	Routes  []page.Route
	API     http.Handler            // everything below /api/
	Public  map[string]http.Handler // patterns outside the screens: short links, event intake, health
	Proxies []netip.Prefix          // whose forwarded headers are believed (S26)
}

// Server is the built handler and its route table.
type Server struct {
	config  Config
	mux     *http.ServeMux
	limiter *limiter
}

// perMinute is how many requests one person or address may make to the screens.
const perMinute = 900

// New builds the server.
func New(c Config) *Server {
	s := &Server{config: c, mux: http.NewServeMux(), limiter: newLimiter(time.Now)}
	for _, r := range c.Routes {
		s.mux.Handle(r.Method+" "+r.Pattern, s.screen(r))
	}
	for pattern, h := range c.Public {
		s.mux.Handle(pattern, h)
	}
	if c.API != nil {
		s.mux.Handle("/api/", c.API)
	}
	s.mux.Handle("GET /assets/", ui.Assets())
	s.mux.Handle("GET /events", s.screen(page.Route{Method: http.MethodGet, Pattern: "/events", Need: page.Member, Handle: s.stream}))
	s.mux.Handle("/", s.screen(page.Route{Need: page.Public, Handle: func(*page.Context) error { return fault.NotFoundf("there is no page at this address") }}))
	return s
}

// Routes is the table the authorisation matrix is made from.
func (s *Server) Routes() []page.Route { return s.config.Routes }

// ServeHTTP puts the promises of every answer around the routes.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Content-Security-Policy", policy)
	if s.config.House.Secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), addressKey{}, s.Address(r))))
}

type addressKey struct{}

// AddressOf is the address of whoever asked, for handlers besides the screens that only have the request's context.
func AddressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// policy lets a page load only what this server serves, and nothing inline.
const policy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; " +
	"object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// Address is the address of whoever asks, seen through trusted proxies only.
func (s *Server) Address(r *http.Request) string {
	host, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := host.Addr().Unmap()
	forwarded := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(forwarded) - 1; i >= 0 && s.trusted(ip); i-- { // from the nearest proxy outwards, while each is one of ours
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		ip = next.Unmap()
	}
	return ip.String()
}

func (s *Server) trusted(ip netip.Addr) bool {
	for _, p := range s.config.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// screen is one route: limits, who asks, whether they may, then the handler.
func (s *Server) screen(route page.Route) http.Handler {
	cross := http.NewCrossOriginProtection()
	if s.config.House != nil && s.config.House.URL != nil {
		_ = cross.AddTrustedOrigin(s.config.House.URL.Scheme + "://" + s.config.House.URL.Host)
	}
	limit := route.Body
	if limit == 0 {
		limit = 1 << 20
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := page.New(w, r, s.config.House, id.New("req"))
		c.Address = s.Address(r)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Request-Id", c.RequestID())
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				slog.Error("a page panicked", "request", c.RequestID(), "path", r.URL.Path, "panic", v)
				c.Fail(&fault.Error{Kind: fault.Internal, Message: "a failure of ours"})
			}
		}()
		if err := cross.Check(r); err != nil {
			c.Fail(fault.Forbiddenf("this request came from another site"))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := s.enter(c, route); err != nil {
			s.fail(c, err)
			return
		}
		if err := route.Handle(c); err != nil {
			s.fail(c, err)
		}
	})
}

// enter finds out who asks and whether the route's need is met: the one place that decides it.
func (s *Server) enter(c *page.Context, route page.Route) error {
	var u account.User
	var session account.Session
	var actor workspace.Actor
	var err error
	if token := c.Cookie(page.SessionCookie); token != "" {
		session, u, err = s.config.House.Accounts.Session(c.Ctx(), token)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if u.ID != "" {
		if actor, err = s.place(c, u, &session); err != nil {
			return err
		}
	}
	who := "address:" + c.Address
	if u.ID != "" {
		who = u.ID
	}
	allowed := route.Limit
	key := who
	if allowed == 0 {
		allowed = perMinute
	} else {
		key += " " + route.Pattern
	}
	if !s.limiter.allow(key, allowed) {
		return &fault.Error{Kind: fault.Later, Code: "too_many_requests", Message: "too many requests in the last minute", RetryAt: time.Now().Add(30 * time.Second)}
	}
	c.SignIn(u, session, actor)
	if err := s.secondFactor(c, route, u, actor); err != nil {
		return err
	}
	if page.Allowed(route.Need, u.ID != "", actor.WorkspaceID != "", actor) {
		return nil
	}
	switch {
	case u.ID == "":
		return errSignIn
	case actor.WorkspaceID == "":
		return fault.Forbiddenf("you are not a member of a workspace yet").WithHint("Ask to be invited, or make a workspace of your own under Settings.")
	}
	return fault.Forbiddenf("your roles in this workspace do not include “%s”", route.Need.Name()).WithHint("Ask an owner or admin of this workspace for a role that includes it.")
}

// secondFactor keeps a member out who lacks the second factor that the workspace asks for, but for the pages where
// they set one up, switch to another workspace or leave.
func (s *Server) secondFactor(c *page.Context, route page.Route, u account.User, actor workspace.Actor) error {
	if route.BeforeSecondFactor || route.Need == page.Public || actor.WorkspaceID == "" || u.SecondFactor() {
		return nil
	}
	asked, err := s.config.House.Workspaces.AsksSecondFactor(c.Ctx(), actor)
	if err != nil || !asked {
		return err
	}
	return errSecondFactor
}

// errSignIn says that nobody is signed in, errSecondFactor that somebody has to set up a second factor first.
var (
	errSignIn       = fault.Wrap(fault.Forbidden, nil, "nobody is signed in").WithCode("sign_in")
	errSecondFactor = fault.Wrap(fault.Forbidden, nil, "this workspace asks for a second factor").WithCode("second_factor")
)

// place is the workspace the person works in: the one they chose, else their first.
func (s *Server) place(c *page.Context, u account.User, session *account.Session) (workspace.Actor, error) {
	if session.Place != "" {
		actor, err := s.config.House.Workspaces.ActorOf(c.Ctx(), u, session.Place, "web", c.Address)
		if err == nil || !fault.Is(err, fault.NotFound) {
			return actor, err
		}
	}
	mine, err := s.config.House.Workspaces.Mine(c.Ctx(), u.ID)
	if err != nil || len(mine) == 0 {
		return workspace.Actor{}, err
	}
	session.Place, session.Brand = mine[0].ID, ""
	return s.config.House.Workspaces.ActorOf(c.Ctx(), u, mine[0].ID, "web", c.Address)
}

func (s *Server) fail(c *page.Context, err error) {
	if errors.Is(err, errSecondFactor) {
		c.Flash(ui.ToastProps{Tone: ui.Warn, Text: "This workspace asks its members for a second factor. Set one up to go on.", Seconds: 20})
		_ = c.Redirect("/settings/security")
		return
	}
	if errors.Is(err, errSignIn) {
		to := "/sign-in"
		if c.R.Method == http.MethodGet && !c.Fragment() {
			to += "?next=" + url.QueryEscape(c.R.URL.RequestURI())
		}
		_ = c.Redirect(to)
		return
	}
	if fault.KindOf(err) == fault.Internal && c.Ctx().Err() == nil {
		slog.Error("a page failed", "request", c.RequestID(), "path", c.R.URL.Path, "error", err)
	}
	c.Fail(err)
}
