// Package channels is the screen of connected channels: connecting, health, pause, disconnecting, and what each
// network can and cannot do through us.
package channels

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/inbox"
	"github.com/bellwether-social/bellwether/internal/native"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Rooms are what the screen speaks with.
type Rooms struct {
	Channels   *channel.Channels
	Posts      *post.Posts
	Journal    *delivery.Journal
	Natives    *native.Posts
	Inbox      *inbox.Inbox
	Workspaces *workspace.Workspaces
}

// Routes are the screen's addresses.
func Routes(r Rooms) []page.Route {
	return []page.Route{
		page.Get("/channels", workspace.PostRead, r.list),
		page.Get("/connect/{network}", workspace.ChannelConnect, r.connectForm),
		page.Post("/connect/{network}", workspace.ChannelConnect, r.connect),
		page.Get("/connect/{network}/callback", workspace.ChannelConnect, r.callback),
		page.Get("/connect/{network}/callback/{$}", workspace.ChannelConnect, r.callback), // TikTok demands the slash
		page.Get("/connect/{network}/choose/{choice}", workspace.ChannelConnect, r.choice),
		page.Post("/connect/{network}/choose/{choice}", workspace.ChannelConnect, r.choose),
		page.Get("/connect/{network}/app", workspace.ChannelConnect, r.app),
		page.Post("/connect/{network}/app", workspace.ChannelConnect, r.register),
		page.Post("/connect/{network}/app/forget", workspace.ChannelConnect, r.forget),
		page.Post("/channels/sets/{id}/delete", workspace.PostSchedule, r.dropSet),
		page.Get("/channels/{id}", workspace.PostRead, r.one),
		page.Post("/channels/{id}", workspace.ChannelConnect, r.configure),
		page.Post("/channels/{id}/check", workspace.ChannelConnect, r.check),
		page.Post("/channels/{id}/pause", workspace.QueuePause, r.pause),
		page.Post("/channels/{id}/resume", workspace.QueuePause, r.resume),
		page.Post("/channels/{id}/disconnect", workspace.ChannelConnect, r.disconnect),
	}
}

func (r Rooms) list(c *page.Context) error {
	all, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	w, err := c.Workspace()
	if err != nil {
		return err
	}
	sets, err := r.Channels.Sets(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	return c.Render(200, "Channels", "channels", listPage(all, sets, r.Channels.Networks().All(), w.TestMode, c.Actor().CanSomewhere(workspace.ChannelConnect), c.Zone()))
}

// connectView is the form that connects one network.
type connectView struct {
	Spec   network.Spec
	Form   *page.Form
	Brands []ui.Option
	OAuth  bool
	App    channel.App
}

// registers reports whether the network's application must be registered first.
func (v connectView) registers() bool { return v.Spec.App != nil && !v.App.Registered() }

func (r Rooms) view(c *page.Context, f *page.Form) (connectView, error) {
	n, err := r.Channels.Connectable(c.Ctx(), c.Actor(), c.Path("network"))
	if err != nil {
		return connectView{}, err
	}
	_, oauth := n.(network.OAuthConnector) // the imitation of a test does not send people away
	v := connectView{Spec: n.Spec(), Form: f, OAuth: oauth}
	brands, err := c.Brands()
	if err != nil {
		return v, err
	}
	for _, b := range brands {
		v.Brands = append(v.Brands, ui.Option{Value: b.ID, Label: b.Name})
	}
	if v.Spec.App != nil {
		v.App, err = r.Channels.App(c.Ctx(), c.Actor(), v.Spec.Key)
	}
	return v, err
}

func (r Rooms) connectForm(c *page.Context) error {
	v, err := r.view(c, page.Blank(nil))
	if err != nil {
		return err
	}
	for _, f := range v.Spec.SignIn.Fields {
		v.Form.Set(f.Key, f.Default)
	}
	return c.Render(200, "Connect "+v.Spec.Name, "channels", connectPage(v))
}

func (r Rooms) connect(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	v, err := r.view(c, f)
	if err != nil {
		return err
	}
	if v.OAuth {
		to, err := r.Channels.StartSignIn(c.Ctx(), c.Actor(), channel.SignInStart{Network: v.Spec.Key, Server: f.Value("server"), BrandID: f.Value("brand"),
			RedirectURL: r.callbackURL(c, v.Spec.Key), Session: c.Session.ID})
		if err == nil {
			return c.Leave(to)
		}
		if !f.Refuse(err) {
			return err
		}
		return c.Render(f.Status(), "Connect "+v.Spec.Name, "channels", connectPage(v))
	}
	fields := map[string]string{}
	for _, field := range v.Spec.SignIn.Fields {
		fields[field.Key] = f.Value(field.Key)
	}
	made, err := r.Channels.SignIn(c.Ctx(), c.Actor(), v.Spec.Key, f.Value("brand"), fields)
	if err != nil {
		if fault.Is(err, fault.Unauthorised) {
			err = fault.Invalidf("", "%s", fault.As(err).Message).WithHint(fault.As(err).Hint)
		}
		if !f.Refuse(err) {
			return err
		}
		return c.Render(f.Status(), "Connect "+v.Spec.Name, "channels", connectPage(v))
	}
	return r.connected(c, made)
}

func (r Rooms) callbackURL(c *page.Context, networkKey string) string {
	return c.House().URL.JoinPath("connect", networkKey, "callback").String()
}

func (r Rooms) callback(c *page.Context) error {
	made, choice, err := r.Channels.FinishSignIn(c.Ctx(), c.Actor(), c.Path("network"), c.Session.ID, c.R.URL.Query())
	if err != nil {
		return err
	}
	if choice != "" {
		return c.Redirect("/connect/" + c.Path("network") + "/choose/" + choice)
	}
	return r.connected(c, made)
}

func (r Rooms) connected(c *page.Context, made []channel.Channel) error {
	var names []string
	for _, ch := range made {
		names = append(names, ch.Name)
	}
	c.Done(strings.Join(names, ", ") + " is connected.")
	if len(made) == 1 {
		return c.Redirect("/channels/" + made[0].ID)
	}
	return c.Redirect("/channels")
}

// oneView is everything a channel's page shows.
type oneView struct {
	Subscribes bool // the network can be asked to call us with news
	Channel    channel.Channel
	Spec       network.Spec
	Abilities  map[network.Ability]bool
	Waiting    []post.Entry
	Members    []ui.Option
	Form       *page.Form
	Zone       *time.Location
	Edit       bool
	MayPause   bool
	Spent      delivery.Spent // this month, where the network charges
	Reading    native.Reading // of the posts made outside, where the network lists them
	History    []inbox.History
	Told       string // how far reading the conversations from before the connection is
	Caps       []post.CapUse
	Meter      channel.Meter
}

// priced reports whether the network charges for posts.
func (v oneView) priced() bool { return v.Abilities[network.CanPrice] && !v.Channel.Test() }

func (r Rooms) one(c *page.Context) error {
	ch, err := r.Channels.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	d := ch.Defaults
	f := page.Blank(map[string]string{"zone": ch.Zone, "responsible": ch.ResponsibleID, "signature": d.Signature, "hashtags": d.Hashtags, "first_comment": d.FirstComment, "language": d.Language,
		"utm_source": d.UTM["source"], "utm_medium": d.UTM["medium"], "shorten": orText(d.UTM["shorten"], "yes"), "gap": minutes(ch.MinGap)})
	if ch.LateWindow != nil {
		f.Set("late", minutes(*ch.LateWindow))
	}
	if ch.MonthCap != nil {
		f.Set("cap", strconv.FormatFloat(float64(*ch.MonthCap)/1e6, 'f', -1, 64))
	}
	for key, value := range d.Settings {
		f.Set("setting_"+key, value)
	}
	if n := r.Channels.Network(ch); n != nil { // what depends on a setting is offered before that setting is stored
		for _, s := range n.Spec().Settings {
			if c.R.URL.Query().Has("setting_" + s.Key) {
				f.Set("setting_"+s.Key, c.Query("setting_"+s.Key))
			}
		}
	}
	return r.show(c, ch, f)
}

// offered are the options of a setting that fit the others as they stand in the form.
func (v oneView) offered(s network.Setting) []network.Option {
	return s.Offered(func(key string) string { return v.Form.Value("setting_" + key) })
}

// follows draws a setting anew when the one it depends on is changed.
func (v oneView) follows(s network.Setting) templ.Attributes {
	if s.Of == "" {
		return nil
	}
	return templ.Attributes{"hx-get": "/channels/" + v.Channel.ID, "hx-include": "#setting-" + s.Of + " select", "hx-trigger": "change from:#setting-" + s.Of,
		"hx-target": "this", "hx-select": "#setting-" + s.Key + " > *", "hx-swap": "innerHTML"}
}

func (r Rooms) show(c *page.Context, ch channel.Channel, f *page.Form) error {
	n := r.Channels.Network(ch)
	v := oneView{Channel: ch, Form: f, Zone: c.Zone(), Edit: c.Actor().CanSomewhere(workspace.ChannelConnect), MayPause: c.Actor().CanSomewhere(workspace.QueuePause)}
	if n != nil {
		// What the network itself can, also on a channel in test mode, where the sandbox could do more.
		v.Spec, v.Abilities = n.Spec().For(ch.Account), network.AbilitiesOf(r.Channels.Networks().Get(ch.Network))
	}
	_, v.Subscribes = n.(network.Subscriber)
	if v.priced() {
		var err error
		if v.Spent, err = r.Journal.Spent(c.Ctx(), c.Actor(), ch); err != nil {
			return err
		}
	}
	if v.Abilities[network.CanImport] {
		var err error
		if v.Reading, err = r.Natives.Reading(c.Ctx(), c.Actor(), ch.ID); err != nil {
			return err
		}
	}
	if err := r.budget(c, &v); err != nil {
		return err
	}
	if err := r.history(c, &v); err != nil {
		return err
	}
	waiting, err := r.Posts.Waiting(c.Ctx(), c.Actor(), 100)
	if err != nil {
		return err
	}
	for _, e := range waiting {
		if e.ChannelID == ch.ID {
			v.Waiting = append(v.Waiting, e)
		}
	}
	members, err := r.Workspaces.Members(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	for _, m := range members {
		v.Members = append(v.Members, ui.Option{Value: m.UserID, Label: m.Name})
	}
	return c.Render(max(200, f.Status()), ch.Name, "channels", onePage(v))
}

// history says how far back the channel's conversations were read (E22).
func (r Rooms) history(c *page.Context, v *oneView) error {
	if !c.Actor().CanSomewhere(workspace.InboxRead) {
		return nil
	}
	kinds, done, problem, err := r.Inbox.Histories(c.Ctx(), c.Actor(), v.Channel)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
		return nil
	}
	v.History = kinds
	switch {
	case err != nil:
		return err
	case !v.Abilities[network.CanHistory]:
		v.Told = "The network lets programs read no further back than this."
	case problem != "":
		v.Told = "Reading waits: " + problem + "."
	case done.IsZero():
		v.Told = "Still being read, the newest first."
	default:
		v.Told = "Read to its end on " + show.Instant(done, v.Zone) + "."
	}
	return nil
}

func (r Rooms) configure(c *page.Context) error {
	ch, err := r.Channels.Get(c.Ctx(), c.Actor(), c.Path("id"))
	if err != nil {
		return err
	}
	f, err := c.Form()
	if err != nil {
		return err
	}
	zone, responsible := f.Value("zone"), f.Value("responsible")
	d := channel.Defaults{Signature: f.Value("signature"), Hashtags: f.Value("hashtags"), FirstComment: f.Value("first_comment"), Language: f.Value("language"), Settings: map[string]string{},
		UTM: map[string]string{"source": f.Value("utm_source"), "medium": f.Value("utm_medium"), "shorten": f.Value("shorten")}}
	if n := r.Channels.Network(ch); n != nil {
		for _, s := range n.Spec().For(ch.Account).Settings {
			v := strings.TrimSpace(strings.Join(f.All("setting_"+s.Key), ","))
			if f.Set("setting_"+s.Key, v); v != "" {
				d.Settings[s.Key] = v
			}
		}
	}
	change := channel.Change{Zone: &zone, ResponsibleID: &responsible, Defaults: &d}
	gap := time.Duration(f.Int("gap", 0, 7*24*60)) * time.Minute
	change.MinGap = &gap
	if f.Value("late") != "" {
		late := time.Duration(f.Int("late", 0, 7*24*60)) * time.Minute
		change.LateWindow = &late
	}
	if cap := strings.TrimSpace(strings.ReplaceAll(f.Value("cap"), ",", ".")); cap != "" {
		amount, err := strconv.ParseFloat(cap, 64)
		if err != nil || amount < 0 || amount > 1e6 {
			f.Wrong("cap", "Write an amount such as 25, or leave it empty for no limit.")
		}
		micros := int64(amount * 1e6)
		change.MonthCap = &micros
	} else if ch.MonthCap != nil {
		none := int64(-1)
		change.MonthCap = &none
	}
	if f.OK() {
		err := r.Channels.Configure(c.Ctx(), c.Actor(), ch.ID, change)
		if err == nil {
			c.Done("The channel's settings are saved.")
			return c.Redirect("/channels/" + ch.ID)
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.show(c, ch, f)
}

func (r Rooms) check(c *page.Context) error {
	if _, err := r.Channels.Check(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The account was read anew.")
	return c.Redirect("/channels/" + c.Path("id"))
}

func (r Rooms) pause(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	until := channel.Forever
	if f.Value("until") != "" {
		if until, err = when.At(f.Value("until"), c.Zone().String()); err != nil {
			return err
		}
	}
	if err := r.Channels.Pause(c.Ctx(), c.Actor(), c.Path("id"), until, f.Value("reason")); err != nil {
		return err
	}
	c.Done("The channel is paused. Nothing goes out until it is resumed.")
	return c.Redirect("/channels/" + c.Path("id"))
}

func (r Rooms) resume(c *page.Context) error {
	if err := r.Channels.Resume(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The channel is running. What became late meanwhile waits for your choice under Queue.")
	return c.Redirect("/channels/" + c.Path("id"))
}

func (r Rooms) disconnect(c *page.Context) error {
	if err := r.Channels.Disconnect(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The channel is disconnected. Its posts and its queue are kept.")
	return c.Redirect("/channels")
}
