package ui

import (
	"context"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatalf("render: %v", err)
	}
	return b.String()
}

func mustHold(t *testing.T, page string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(page, w) {
			t.Errorf("%q is missing in %s", w, page)
		}
	}
}

func TestButtonIsALinkOnlyWithAnAddress(t *testing.T) {
	mustHold(t, render(t, Button(ButtonProps{Label: "Open", Href: "/calendar"})), `<a class="btn" href="/calendar">`)
	mustHold(t, render(t, Button(ButtonProps{Label: "Save", Type: "submit", Kind: Primary})), `<button class="btn btn-primary" type="submit">`)
	mustHold(t, render(t, Button(ButtonProps{Label: "Back", Href: "/x", Disabled: true})), "<button", "disabled")
}

func TestScriptAddressesAreNeutralised(t *testing.T) {
	bad := "javascript:alert(1)"
	for name, c := range map[string]templ.Component{
		"button": Button(ButtonProps{Label: "x", Href: bad}),
		"link":   Link(LinkProps{Label: "x", Href: bad}),
		"icon":   IconButton(IconButtonProps{Label: "x", Icon: "x", Href: bad}),
		"menu":   Menu(MenuProps{ID: "m", Label: "m", Items: []MenuItem{{Label: "x", Href: bad}, {Label: "y", Post: bad}}}),
		"table":  Table(TableProps{Columns: []Column{{Label: "c", Main: true, SortURL: bad}}, Rows: []Row{{Href: bad, Cells: []templ.Component{Text("x")}}}}),
		"toast":  Toast(ToastProps{Text: "x", Href: bad, UndoURL: bad}),
		"card":   Card(CardProps{Title: "x", Href: bad}),
		"stat":   Stat(StatProps{Label: "x", Value: "1", Href: bad}),
	} {
		if page := render(t, c); strings.Contains(page, "javascript:") {
			t.Errorf("%s kept a script address: %s", name, page)
		}
	}
}

func TestStrangersTextStaysText(t *testing.T) {
	evil := `<img src=x onerror="alert(1)">`
	for _, c := range []templ.Component{
		Text(evil), Badge(BadgeProps{Label: evil}), Avatar(AvatarProps{Name: evil}), Alert(AlertProps{Title: evil, Detail: evil}),
		NetworkMark(NetworkMarkProps{Network: evil, Handle: evil}), Textarea(TextareaProps{Name: "t", Label: evil, Value: evil}), State(evil), Icon(evil),
	} {
		if page := render(t, c); strings.Contains(page, "<img") {
			t.Errorf("markup came through: %s", page)
		}
	}
}

func TestControlIsTiedToItsErrorAndHint(t *testing.T) {
	page := render(t, Input(InputProps{Name: "email", Label: "E-mail", Hint: "for sign-in", Error: "no @", Required: true}))
	mustHold(t, page, `for="email"`, `aria-describedby="email-error email-hint"`, `aria-invalid="true"`, `id="email-error"`, `id="email-hint"`, " required")
}

func TestMissingValueIsNeverZero(t *testing.T) {
	page := render(t, Stat(StatProps{Label: "Saves", Missing: "not reported"}))
	mustHold(t, page, "not reported")
	if strings.Contains(page, ">0<") {
		t.Errorf("a missing value is drawn as zero: %s", page)
	}
	mustHold(t, render(t, Missing("not sent")), "not sent")
}

func TestCounterWarnsNearAndBeyondItsLimit(t *testing.T) {
	for count, class := range map[int]string{10: `class="counter "`, 90: "counter-near", 100: "counter-near", 101: "counter-over"} {
		mustHold(t, render(t, Counter(CounterProps{Count: count, Limit: 100})), class)
	}
}

func TestTableRowsAreLabelledForThePhone(t *testing.T) {
	page := render(t, Table(guideTable("t")))
	mustHold(t, page, `data-label="State"`, `class="row-link" href="#d1"`, `aria-sort="descending"`, `aria-sort="none"`, "Deliveries of today")
	empty := render(t, Table(TableProps{ID: "t", Empty: EmptyState(EmptyStateProps{Title: "All verified"})}))
	mustHold(t, empty, "All verified", `id="t"`)
	if strings.Contains(empty, "<table") {
		t.Error("an empty table shows its head")
	}
}

func TestEveryStateHasWordsAndASign(t *testing.T) {
	for state, look := range stateLooks {
		if look.label == "" || !HasIcon(look.icon) {
			t.Errorf("state %s has no words or no icon (%q, %q)", state, look.label, look.icon)
		}
	}
	mustHold(t, render(t, State("half_way_there")), "Half way there", "tone-neutral")
}

func TestCountdownSaysWhatIsLeft(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for left, wanted := range map[time.Duration][2]string{
		200 * time.Minute: {"3 h 20 min left", "tone-neutral"},
		10 * time.Minute:  {"10 min left", "tone-warn"},
		-26 * time.Hour:   {"overdue by 1 d 2 h", "tone-bad"},
	} {
		mustHold(t, render(t, Countdown(CountdownProps{Until: now.Add(left), Now: now})), wanted[0], wanted[1])
	}
}

func TestLookIsReadFromItsCookieAlone(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if (LookOf(r) != Look{}) {
		t.Error("no cookie is not the system's look")
	}
	r.AddCookie(&http.Cookie{Name: LookCookie, Value: "dark.compact.nokeys.<script>"})
	if got, want := LookOf(r), (Look{Theme: "dark", Density: "compact", Shortcuts: "off"}); got != want {
		t.Errorf("look is %+v, not %+v", got, want)
	}
}

func TestPageHasItsLandmarksAndNoInlineCode(t *testing.T) {
	page := render(t, Guide(GuideShell(Look{Theme: "dark"})))
	mustHold(t, page, `<html lang="en" data-theme="dark"`, `href="#main"`, `id="main"`, `aria-label="Main"`, `aria-current="page"`, `id="live"`, `id="toasts"`, "Europe/Vienna", "Data of 09:40")
	if m := regexp.MustCompile(`<[^>]+\s(style|on[a-z]+)="`).FindString(page); m != "" {
		t.Errorf("inline style or handler: %s", m)
	}
	if m := regexp.MustCompile(`<script[^>]*>[^<]|<style`).FindString(page); m != "" {
		t.Errorf("inline script or style: %s", m)
	}
	if again := render(t, Guide(GuideShell(Look{Theme: "dark"}))); again != page {
		t.Error("two renderings of one page differ")
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
}

// Icons are named in templates and Go files as Icon("…"), Icon: "…", icon: "…".
func TestEveryIconNamedOnAScreenExists(t *testing.T) {
	named := regexp.MustCompile(`\bIcon(?:After)?(?:\(|: )"([a-z0-9-]+)"`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !(strings.HasSuffix(path, ".templ") || strings.HasSuffix(path, ".go")) || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if !HasIcon(m[1]) {
				t.Errorf("%s names the icon %q, which is not in third_party/lucide", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
