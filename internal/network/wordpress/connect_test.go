package wordpress_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networktest"
	"github.com/bellwether-social/bellwether/internal/network/wordpress"
	"github.com/bellwether-social/bellwether/internal/network/wordpress/wordpressfake"
)

func TestSiteIsFoundWhereverItSaysItsAPIIs(t *testing.T) {
	for name, o := range map[string]wordpressfake.Options{"header": {}, "head of the page": {InHead: true}, "plain addresses": {Plain: true}, "plain, in the head": {Plain: true, InHead: true}} {
		t.Run(name, func(t *testing.T) {
			w, f := world(t, o)
			a := w.Session.Account
			if a.ID != "2@"+strings.TrimPrefix(f.URL, "http://") || a.Handle != strings.TrimPrefix(f.URL, "http://") || a.Name != "The brand's blog (Brand)" || a.Server != f.URL {
				t.Errorf("the account is %+v", a)
			}
			if strings.Contains(a.Extra["api"], "rest_route") != o.Plain {
				t.Errorf("the API is at %s", a.Extra["api"])
			}
		})
	}
}

func TestChoicesAreTheSitesOwn(t *testing.T) {
	w, _ := world(t, wordpressfake.Options{})
	want := map[string][]network.Option{
		"type":       {{Value: "posts", Label: "Post"}, {Value: "pages", Label: "Page"}, {Value: "product", Label: "Products"}},
		"categories": {{Value: "1", Label: "News & more"}, {Value: "2", Label: "Recipes"}},
		"tags":       {{Value: "3", Label: "spring"}},
		"author":     {{Value: "1", Label: "Alice"}, {Value: "2", Label: "Brand"}},
		"format":     {{Value: "standard", Label: "Standard"}, {Value: "aside", Label: "Aside"}, {Value: "quote", Label: "Quote"}},
	}
	if diff := cmp.Diff(want, w.Session.Account.Choices); diff != "" {
		t.Errorf("choices differ:\n%s", diff)
	}
	w, _ = world(t, wordpressfake.Options{Role: "author"})
	if c := w.Session.Account.Choices; c["author"] != nil || len(c["type"]) != 2 {
		t.Errorf("an author is offered %+v", c)
	}
}

func TestSignInIsRefusedInPlainWords(t *testing.T) {
	f, err := wordpressfake.Start(wordpressfake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	elsewhere, err := wordpressfake.Start(wordpressfake.Options{Elsewhere: true})
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	reader, err := wordpressfake.Start(wordpressfake.Options{Role: "subscriber"})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Hello</html>")) }))
	defer other.Close()
	for _, c := range []struct{ site, user, password, field, words string }{
		{f.URL, "", "x", "username", "missing"},
		{f.URL, "brand", " ", "password", "missing"},
		{"ftp://example.com", "brand", "x", "site", "must begin with"},
		{"http://10.0.0.1", "brand", "x", "site", "not a public internet address"},
		{f.URL, "brand", "my own password", "password", "does not accept"},
		{f.URL, "nobody", wordpressfake.Password, "password", "does not accept"},
		{elsewhere.URL, "brand", wordpressfake.Password, "", "another host"},
		{reader.URL, "brand", wordpressfake.Password, "", "role"},
		{other.URL, "brand", wordpressfake.Password, "site", "web page instead of data"},
	} {
		_, accounts, err := wordpress.New().SignIn(t.Context(), networktest.Client(t, nil), map[string]string{"site": c.site, "username": c.user, "password": c.password})
		if e := fault.As(err); err == nil || len(accounts) > 0 || e.Field != c.field || !strings.Contains(e.Message, c.words) {
			t.Errorf("%+v: %v (field %s)", c, err, fault.As(err).Field)
		}
		if err != nil && c.password != "x" && len(c.password) > 3 && strings.Contains(err.Error(), c.password) {
			t.Errorf("%+v: the error shows the password", c)
		}
	}
}

// TestRefusalsAreExplained gives each documented refusal its kind, its field and its next step.
func TestRefusalsAreExplained(t *testing.T) {
	for _, c := range []struct {
		status                     int
		body                       string
		kind                       fault.Kind
		code, field, message, hint string
	}{
		{401, `{"code":"rest_not_logged_in","message":"You are not currently logged in."}`, fault.Unauthorised, "rest_not_logged_in", "", "does not accept", "Authorization header"},
		{401, `{"code":"incorrect_password","message":"x"}`, fault.Unauthorised, "incorrect_password", "", "does not accept", "Application Passwords"},
		{403, `<html>Forbidden by Wordfence</html>`, fault.Rejected, "blocked", "", "firewall", "Allow"},
		{403, `{"code":"rest_cannot_publish","message":"Sorry, you&#8217;re not allowed."}`, fault.Rejected, "rest_cannot_publish", "", "you’re not allowed", "role"},
		{404, `{"code":"rest_no_route","message":"No route was found."}`, fault.Rejected, "rest_no_route", "", "No route", "switched off"},
		{404, `{"code":"rest_post_invalid_id","message":"Invalid post ID."}`, fault.Rejected, "rest_post_invalid_id", "", "Invalid post ID", "deleted"},
		{400, `{"code":"rest_invalid_param","message":"Invalid","data":{"params":{"format":"no"}}}`, fault.Rejected, "rest_invalid_param", "settings.format", "format", ""},
		{400, `{"code":"comment_flood","message":"Slow down."}`, fault.Later, "comment_flood", "", "more time", ""},
		{503, `<html>Briefly unavailable for scheduled maintenance.</html>`, fault.Unknown, "http_503", "", "503", ""},
	} {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		s := network.Session{HTTP: networktest.Client(t, nil), Account: network.Account{Extra: map[string]string{"api": site.URL + "/wp-json/", "can": "publish_posts"}}, Grant: network.Grant{Values: map[string]string{"username": "brand", "password": "secret-word"}}}
		steps, _ := wordpress.New().Plan(network.Draft{Key: "k", Parts: []network.Part{{Text: "Hello"}}}, s.Account)
		_, err := wordpress.New().Do(t.Context(), s, steps[1], network.Outcomes{"draft": {RemoteID: "7"}})
		site.Close()
		e := fault.As(err)
		if e.Kind != c.kind || e.Code != c.code || e.Field != c.field || !strings.Contains(e.Message, c.message) || !strings.Contains(e.Hint, c.hint) {
			t.Errorf("%d %s: %+v", c.status, c.body, *e)
		}
		if c.code == "comment_flood" && e.RetryAt.IsZero() {
			t.Error("WordPress waits fifteen seconds between comments, and the error does not say when")
		}
	}
}
