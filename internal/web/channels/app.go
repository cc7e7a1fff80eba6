package channels

import (
	"strings"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/web/page"
)

// appView is the page that tells an operator which application to register with a network.
type appView struct {
	Spec     network.Spec
	App      channel.App
	Form     *page.Form
	Callback string
	Hook     string // "" until the application is stored, and for networks that do not call
	Hears    bool
}

func (r Rooms) appView(c *page.Context, f *page.Form) (appView, error) {
	n := r.Channels.Networks().Get(c.Path("network"))
	app, err := r.Channels.App(c.Ctx(), c.Actor(), c.Path("network"))
	if err != nil {
		return appView{}, err
	}
	v := appView{Spec: n.Spec(), App: app, Form: f, Callback: r.callbackURL(c, n.Spec().Key)}
	if _, v.Hears = n.(network.WebhookReader); v.Hears && app.Hook != "" {
		v.Hook = c.House().URL.JoinPath("hooks", n.Spec().Key, app.Hook).String()
	}
	return v, nil
}

// steps are the sentences of the spec with our own addresses in them.
func (v appView) steps() []string {
	hook := v.Hook
	if hook == "" {
		hook = "the address shown here once the application is stored"
	}
	var out []string
	for _, s := range v.Spec.App.Steps {
		out = append(out, strings.NewReplacer("{callback}", v.Callback, "{webhook}", hook).Replace(s))
	}
	return out
}

func (r Rooms) app(c *page.Context) error {
	f := page.Blank(nil)
	v, err := r.appView(c, f)
	if err != nil {
		return err
	}
	for _, field := range v.Spec.App.Fields {
		f.Set(field.Key, orText(v.App.Filled[field.Key], field.Default))
	}
	return c.Render(200, "Application at "+v.Spec.Name, "channels", appPage(v))
}

func (r Rooms) register(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	v, err := r.appView(c, f)
	if err != nil {
		return err
	}
	fields := map[string]string{}
	for _, field := range v.Spec.App.Fields {
		fields[field.Key] = f.Value(field.Key)
	}
	if err := r.Channels.RegisterApp(c.Ctx(), c.Actor(), v.Spec.Key, fields); err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.Render(f.Status(), "Application at "+v.Spec.Name, "channels", appPage(v))
	}
	c.Done("The application is stored. Its secrets are sealed and are never shown again.")
	if v.Hears {
		return c.Redirect("/connect/" + v.Spec.Key + "/app")
	}
	return c.Redirect("/connect/" + v.Spec.Key)
}

func (r Rooms) forget(c *page.Context) error {
	if err := r.Channels.ForgetApp(c.Ctx(), c.Actor(), c.Path("network")); err != nil {
		return err
	}
	c.Done("The application is forgotten. Channels stay connected until their grants have to be renewed.")
	return c.Redirect("/channels")
}

// choiceView is the page where a person chooses among the accounts a grant opens.
type choiceView struct {
	Spec   network.Spec
	Choice channel.Choice
	Form   *page.Form
}

func (r Rooms) choiceView(c *page.Context, f *page.Form) (choiceView, error) {
	choice, err := r.Channels.Choice(c.Ctx(), c.Actor(), c.Session.ID, c.Path("choice"))
	if err != nil {
		return choiceView{}, err
	}
	return choiceView{Spec: r.Channels.Networks().Get(choice.Network).Spec(), Choice: choice, Form: f}, nil
}

func (r Rooms) choice(c *page.Context) error {
	v, err := r.choiceView(c, page.Blank(nil))
	if err != nil {
		return err
	}
	return c.Render(200, "Choose accounts", "channels", choicePage(v))
}

func (r Rooms) choose(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	v, err := r.choiceView(c, f)
	if err != nil {
		return err
	}
	made, err := r.Channels.Choose(c.Ctx(), c.Actor(), c.Session.ID, v.Choice.ID, f.All("accounts"))
	if err != nil {
		if !f.Refuse(err) {
			return err
		}
		return c.Render(f.Status(), "Choose accounts", "channels", choicePage(v))
	}
	return r.connected(c, made)
}

func (r Rooms) dropSet(c *page.Context) error {
	if err := r.Channels.DropSet(c.Ctx(), c.Actor(), c.Path("id")); err != nil {
		return err
	}
	c.Done("The set is deleted. Its channels stay.")
	return c.Redirect("/channels")
}
