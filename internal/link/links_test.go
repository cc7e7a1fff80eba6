package link_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/event"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/link"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

func build(t testing.TB, database *db.DB) (*link.Links, workspace.Actor) {
	t.Helper()
	if _, err := db.Exec(context.Background(), database, `insert into workspaces (id, name, zone, created_at) values ('ws_1', 'Test', 'UTC', 0)`); err != nil {
		t.Fatal(err)
	}
	base := &url.URL{Scheme: "https", Host: "Bell.example"}
	return link.New(database, event.New(database), base), workspace.Actor{WorkspaceID: "ws_1", UserID: "user_1", Name: "Ida", Grants: []workspace.RoleGrant{{Role: workspace.Owner}}}
}

func TestS23R40AShortLinkLeadsToTheWebAndNeverToItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, database *db.DB) {
		ctx := context.Background()
		links, ida := build(t, database)
		for _, to := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "ftp://shop.example",
			"//shop.example", "/local", "https://", "https:///x", "https://user:pass@shop.example/", "https://shop.example\r\nSet-Cookie: a=b", "https://shop.example/\x00", "http://[::1", "", "mailto:a@b.example",
			"https://bell.example/l/abc", "https://BELL.example/l/abc", "http://bell.example/l/abc"} {
			made, err := links.Create(ctx, ida, link.Order{URL: to})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%q is answered with %v and leads to %q", to, err, made.URL)
			}
		}
		for _, to := range []string{"https://shop.example/spring?a=b#c", "http://shop.example:8080/", "https://bücher.example/ä"} {
			made, err := links.Create(ctx, ida, link.Order{URL: to})
			if err != nil {
				t.Errorf("%q is answered with %v", to, err)
				continue
			}
			if u, err := url.Parse(made.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
				t.Errorf("%q became %q", to, made.URL)
			}
		}
		made, err := links.Create(ctx, ida, link.Order{URL: "https://shop.example/", Slug: "spring"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := links.Create(ctx, ida, link.Order{URL: "https://other.example/", Slug: "spring"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a taken name is answered with %v", err)
		}
		if found, err := links.Follow(ctx, "", "spring"); err != nil || found.URL != made.URL {
			t.Errorf("it leads to %q, %v", found.URL, err)
		}
		if err := links.End(ctx, ida, made.ID); err != nil {
			t.Fatal(err)
		}
		if found, err := links.Follow(ctx, "", "spring"); err != nil || found.Open(db.Now()) {
			t.Errorf("an ended link is open: %v, %v", found, err)
		}
		for _, slug := range []string{"nothing", "../spring", "SPRING", "\x00", "\xff\xfe", "spring'--", string(make([]byte, 5000))} {
			if _, err := links.Follow(ctx, "", slug); !fault.Is(err, fault.NotFound) {
				t.Errorf("%.20q is answered with %v", slug, err)
			}
		}
	})
}
