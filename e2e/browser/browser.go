package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Patience is how long a verb waits for the page before it fails the test.
const Patience = 20 * time.Second

// A Screen is what the page is shown on, in CSS pixels.
type Screen struct {
	Width, Height int64
	Scale         float64 // device pixels in one CSS pixel
	Touch         bool
}

// The two screens the product is designed for first.
var (
	Phone   = Screen{Width: 390, Height: 844, Scale: 2, Touch: true}
	Desktop = Screen{Width: 1440, Height: 900, Scale: 1}
)

// A Scheme is the colour scheme that the person prefers.
type Scheme string

// The colour schemes.
const (
	Light Scheme = "light"
	Dark  Scheme = "dark"
)

// chromium is the one browser of this test program.
var chromium struct {
	sync.Mutex
	managed bool            // Main is running, so somebody will stop the browser
	context context.Context // nil until the first Open
	stop    func()
}

// Main runs the tests and then stops the browser. It returns the code to exit with.
func Main(m *testing.M) int {
	chromium.managed = true
	code := m.Run()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.stop != nil {
		chromium.stop()
	}
	return code
}

// Open shows the page at url to a person with no history: no cookies, nothing stored. The page is closed when the
// test ends.
func Open(t testing.TB, url string, screen Screen, scheme Scheme) *Page {
	t.Helper()
	p := open(t, start(t), screen, scheme, chromedp.WithNewBrowserContext())
	p.Go(url)
	return p
}

// Tab opens url in another tab of the same person: same cookies, same screen.
func (p *Page) Tab(url string) *Page {
	p.t.Helper()
	tab := open(p.t, p.ctx, p.screen, p.scheme)
	tab.Go(url)
	return tab
}

func open(t testing.TB, parent context.Context, screen Screen, scheme Scheme, options ...chromedp.ContextOption) *Page {
	t.Helper()
	p := &Page{t: t, screen: screen, scheme: scheme}
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(p.watch))...)
	p.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			p.explain()
		}
		cancel()
	})
	viewport := []chromedp.EmulateViewportOption{chromedp.EmulateScale(screen.Scale)}
	if screen.Touch {
		viewport = append(viewport, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	// The first action binds the tab's life to its context, so it must not run under a deadline.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(screen.Width, screen.Height, viewport...)); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	// Reduced motion makes what is on screen the same at every moment a test looks.
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: string(scheme)}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatalf("prefer %s: %v", scheme, err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatalf("watch the network: %v", err)
	}
	return p
}

// start returns the context of the running browser, starting it when this is the first page.
func start(t testing.TB) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if !chromium.managed {
		t.Fatal("the package's TestMain must call browser.Main, so that the browser is stopped")
	}
	if chromium.context != nil {
		return chromium.context
	}
	path := find()
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is required in CI and is not installed (tool/setup.sh installs it)")
		}
		t.Skip("needs Chromium (tool/setup.sh installs it)")
	}
	ctx, stop, err := launch(path)
	if err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	chromium.context, chromium.stop = ctx, stop
	return ctx
}

func launch(path string) (context.Context, func(), error) {
	profile, err := os.MkdirTemp("", "bellwether-chromium-*")
	if err != nil {
		return nil, nil, fmt.Errorf("make a profile folder: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// Tests prove the product on this machine; a page that names another host must fail to reach it.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost"),
	)
	base, cancelBase := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(base)
	stop := func() {
		quit, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_ = chromedp.Cancel(quit) // asks it to close; cancelBase ends it if it does not
		cancelBase()
		_ = os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return ctx, stop, nil
}

// find returns the browser's path: BELLWETHER_CHROMIUM, Debian's place, or whatever the path holds; "" for none.
func find() string {
	for _, name := range []string{os.Getenv("BELLWETHER_CHROMIUM"), "/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
