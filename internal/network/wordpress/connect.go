package wordpress

import (
	"cmp"
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// SignIn finds the site's API where the site says it is, and signs in with an application password.
func (WordPress) SignIn(ctx context.Context, client *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	s := site{http: client, user: strings.TrimSpace(fields["username"]), password: strings.TrimSpace(fields["password"])}
	if s.user == "" {
		return network.Grant{}, nil, fault.Invalidf("username", "the user name is missing")
	}
	if s.password == "" {
		return network.Grant{}, nil, fault.Invalidf("password", "the application password is missing")
	}
	var err error
	if s.root, err = discover(ctx, client, fields["site"]); err != nil {
		return network.Grant{}, nil, err
	}
	a, err := s.self(ctx)
	if err != nil {
		return network.Grant{}, nil, refusedSignIn(err)
	}
	return network.Grant{Values: map[string]string{"username": s.user, "password": s.password}}, []network.Account{a}, nil
}

func refusedSignIn(err error) error {
	f := *fault.As(err)
	if f.Kind != fault.Unauthorised {
		return &f
	}
	f.Kind, f.Field = fault.Rejected, "password"
	switch f.Code {
	case "application_passwords_disabled", "application_passwords_disabled_for_user":
		f.Message, f.Hint = "the site has application passwords switched off", "They need https and no security plugin that forbids them."
	case "rest_not_logged_in", "":
		f.Hint = "Use an application password, not your own. If it is right, the site's web server drops the Authorization header: ask its host."
	default:
		f.Hint = "Check the user name, and use an application password, not your own."
	}
	return &f
}

var (
	linkTag = regexp.MustCompile(`(?i)<link\b[^>]*>`)
	href    = regexp.MustCompile(`(?i)\bhref\s*=\s*["']([^"']+)["']`)
)

// discover asks the site where its API is: in a header of its pages, in their head, or at the place every WordPress
// answers at.
func discover(ctx context.Context, client *safehttp.Client, typed string) (string, error) {
	typed = strings.TrimSpace(typed)
	if !strings.Contains(typed, "://") {
		typed = "https://" + typed
	}
	u, err := client.CheckURL(typed)
	if err != nil {
		f := *fault.As(err)
		f.Kind, f.Field, f.Hint = fault.Invalid, "site", "Type the address of the site, such as https://blog.example.com."
		return "", &f
	}
	u.RawQuery = ""
	resp, err := client.JSON(ctx, http.MethodGet, u.String(), http.Header{"Accept": {"text/html"}}, nil, nil)
	if err != nil && (resp == nil || resp.Status < 400) {
		return "", unreachable(again(err))
	}
	place := ""
	for _, l := range resp.Header.Values("Link") { // a site that answers 404 or 401 still says it
		for part := range strings.SplitSeq(l, ",") {
			address, rel, _ := strings.Cut(part, ";")
			if strings.Contains(rel, "https://api.w.org/") {
				place = strings.Trim(strings.TrimSpace(address), "<>")
			}
		}
	}
	for _, tag := range linkTag.FindAllString(string(resp.Body), -1) {
		if place == "" && strings.Contains(tag, "https://api.w.org/") {
			if m := href.FindStringSubmatch(tag); m != nil {
				place = html.UnescapeString(m[1])
			}
		}
	}
	if place == "" {
		home := *resp.URL
		home.Path, home.RawQuery = strings.TrimSuffix(home.Path, "/")+"/", "rest_route=/"
		place = home.String()
	}
	root, err := resp.URL.Parse(place)
	if err != nil || root.Host != resp.URL.Host || root.Scheme != resp.URL.Scheme && root.Scheme != "https" {
		return "", fault.Rejectedf("the site says its API is at another host, where the password is not sent").WithHint("Connect the address that the site itself uses.")
	}
	return root.String(), nil
}

func unreachable(err error) error {
	f := *fault.As(err)
	f.Field = "site"
	if f.Kind == fault.NotFound {
		f.Kind = fault.Rejected
	}
	f.Hint = cmp.Or(f.Hint, "Check the address of the site.")
	return &f
}

// Check reads the account anew.
func (WordPress) Check(ctx context.Context, s network.Session) (network.Account, error) {
	return at(s).self(ctx)
}

// rights are the capabilities that decide what we offer.
var rights = []string{"publish_posts", "edit_pages", "publish_pages", "upload_files", "edit_others_posts", "moderate_comments"}

func can(a network.Account, right string) bool {
	return slices.Contains(strings.Split(a.Extra["can"], ","), right)
}

// self reads the site, who the user is there, and what the user may choose from.
func (s site) self(ctx context.Context) (network.Account, error) {
	var about struct {
		Name       string   `json:"name"`
		Home       string   `json:"home"`
		URL        string   `json:"url"`
		Namespaces []string `json:"namespaces"`
	}
	if _, err := s.get(ctx, "/", url.Values{"_fields": {"name,home,url,namespaces"}}, &about); err != nil {
		return network.Account{}, unreachable(err)
	}
	if !slices.Contains(about.Namespaces, "wp/v2") {
		return network.Account{}, fault.Rejectedf("there is no WordPress API at this address").WithHint("Check the address. A security plugin may have switched the API off.")
	}
	var me struct {
		ID      int64             `json:"id"`
		Name    string            `json:"name"`
		Can     map[string]any    `json:"capabilities"`
		Avatars map[string]string `json:"avatar_urls"`
	}
	if _, err := s.get(ctx, "/wp/v2/users/me", url.Values{"context": {"edit"}}, &me); err != nil {
		return network.Account{}, err
	}
	if me.ID == 0 {
		return network.Account{}, fault.Rejectedf("the site did not say who the user is")
	}
	if allowed, _ := me.Can["edit_posts"].(bool); !allowed {
		return network.Account{}, fault.Rejectedf("this user's role does not allow writing posts").WithHint("Use a user who is at least a contributor.")
	}
	var may []string
	for _, right := range rights {
		if allowed, _ := me.Can[right].(bool); allowed {
			may = append(may, right)
		}
	}
	home := strings.TrimSuffix(cmp.Or(about.Home, about.URL), "/")
	_, host, _ := strings.Cut(home, "://")
	id := strconv.FormatInt(me.ID, 10)
	a := network.Account{ID: id + "@" + host, Handle: host, Name: about.Name + " (" + me.Name + ")", URL: home, AvatarURL: me.Avatars["96"], Server: home,
		Limits: network.Limits{Media: mostMedia}, Extra: map[string]string{"api": s.root, "user": id, "can": strings.Join(may, ",")}}
	var err error
	a.Choices, err = s.choices(ctx, a)
	return a, err
}

// choices reads what the settings of this site can be. What the user may not read is not offered.
func (s site) choices(ctx context.Context, a network.Account) (map[string][]network.Option, error) {
	out := map[string][]network.Option{}
	type named struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	lists := map[string]string{"categories": "/wp/v2/categories", "tags": "/wp/v2/tags"}
	if can(a, "edit_others_posts") {
		lists["author"] = "/wp/v2/users"
	}
	for key, route := range lists {
		q := url.Values{"per_page": {"100"}, "_fields": {"id,name"}, "orderby": {"name"}}
		switch key {
		case "tags": // the most used of what may be thousands
			q.Set("orderby", "count")
			q.Set("order", "desc")
		case "author":
			q.Set("who", "authors")
		}
		var list []named
		_, err := s.get(ctx, route, q, &list)
		if fault.Is(err, fault.Later) || fault.Is(err, fault.Unauthorised) {
			return nil, err
		}
		for _, n := range list {
			out[key] = append(out[key], network.Option{Value: strconv.FormatInt(n.ID, 10), Label: html.UnescapeString(n.Name)})
		}
	}
	var err error
	if out["type"], err = s.types(ctx, a); err != nil {
		return nil, err
	}
	var themes []struct {
		Supports struct {
			Formats []string `json:"formats"`
		} `json:"theme_supports"`
	}
	_, err = s.get(ctx, "/wp/v2/themes", url.Values{"status": {"active"}, "_fields": {"theme_supports"}}, &themes)
	if fault.Is(err, fault.Later) || fault.Is(err, fault.Unauthorised) {
		return nil, err
	}
	for _, t := range themes {
		for _, f := range t.Supports.Formats {
			if f != "" {
				out["format"] = append(out["format"], network.Option{Value: f, Label: strings.ToUpper(f[:1]) + f[1:]})
			}
		}
	}
	return out, nil
}

// types lists what can be written: posts, pages, and the site's own types that people can open.
func (s site) types(ctx context.Context, a network.Account) ([]network.Option, error) {
	var list map[string]struct {
		Name     string         `json:"name"`
		Base     string         `json:"rest_base"`
		Viewable bool           `json:"viewable"`
		Supports map[string]any `json:"supports"`
	}
	_, err := s.get(ctx, "/wp/v2/types", url.Values{"context": {"edit"}}, &list)
	if fault.Is(err, fault.Later) || fault.Is(err, fault.Unauthorised) {
		return nil, err
	}
	out := []network.Option{{Value: posts, Label: "Post"}}
	if can(a, "edit_pages") {
		out = append(out, network.Option{Value: "pages", Label: "Page"})
	}
	own := len(out)
	for key, t := range list {
		if _, text := t.Supports["editor"]; text && t.Viewable && !slices.Contains([]string{"post", "page", "attachment"}, key) && t.Base != "" && !strings.ContainsAny(t.Base, "/?#(") {
			out = append(out, network.Option{Value: t.Base, Label: t.Name})
		}
	}
	slices.SortStableFunc(out[own:], func(a, b network.Option) int { return strings.Compare(a.Value, b.Value) })
	return out, nil
}
