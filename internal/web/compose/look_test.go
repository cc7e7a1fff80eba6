package compose_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/post"
)

// hill is a small drawing that can be cropped visibly.
func hill(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(120 + 100*y/h), uint8(170 - 40*y/h), uint8(220 - 120*y/h), 255}
			if y > h/2+(x-w/2)*(x-w/2)*h/(2*w*w) {
				c = color.RGBA{31, 95, 77, 255}
			}
			if (x-w/4)*(x-w/4)+(y-h/4)*(y-h/4) < h*h/60 {
				c = color.RGBA{227, 184, 99, 255}
			}
			img.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, img)
	return out.Bytes()
}

func (h *house) full() post.Post {
	h.t.Helper()
	m := h.connect("mastodon", "fjord", channel.Defaults{})
	b := h.connect("bluesky", "fjord.example", channel.Defaults{Signature: "fjord.example"})
	a, err := h.library.Add(ctx, h.actor, "brand_1", "morning-above-the-fjord.png", bytes.NewReader(hill(1200, 800)))
	if err != nil {
		h.t.Fatal(err)
	}
	alt, x, y := "A green hill below a low sun", -0.5, 0.5
	own := post.Content{Parts: []post.Part{{Text: "Autumn on the ridge is quieter here. @ann.example.org joined us. Route: https://fjord-outdoor.com/ridge #hiking", Media: []post.MediaUse{{AssetID: a.ID, Alt: &alt, FocusX: &x, FocusY: &y}}}}}
	e := post.Edit{BrandID: "brand_1", Title: "Autumn walk on the ridge", Tags: []string{"autumn"}, Channels: []string{h.channel.ID, m.ID, b.ID}, Base: post.Content{FirstComment: "Which ridge shall we walk next?",
		Parts: []post.Part{{Text: "Autumn on the ridge: we left at six, the fog lay in the valley, and for an hour nobody said a word.\n\nHere is the route with all the huts: https://fjord-outdoor.com/ridge?utm_medium=x #hiking @ann@example.social",
			Media: []post.MediaUse{{AssetID: a.ID, Alt: &alt, FocusX: &x, FocusY: &y}}}, {Text: "Bring layers. The wind on the last kilometre is not in the forecast."}}},
		Variants: map[string]post.VariantEdit{b.ID: {Content: &own}, m.ID: {Settings: map[string]string{"visibility": "unlisted"}}}}
	made, err := h.posts.Create(ctx, h.actor, e)
	if err != nil {
		h.t.Fatal(err)
	}
	return made
}

// TestShots takes pictures for people who look after the design; it runs only when asked.
func TestShots(t *testing.T) {
	if os.Getenv("BELLWETHER_SCREENSHOTS") == "" {
		t.Skip("set BELLWETHER_SCREENSHOTS to take pictures")
	}
	h := open(t)
	for name, screen := range map[string]browser.Screen{"desktop": browser.Desktop, "phone": browser.Phone} {
		browser.Open(t, h.url+"/compose", screen, browser.Light).Screenshot("compose-empty-" + name)
	}
	made := h.full()
	h.more(t)
	for name, screen := range map[string]browser.Screen{"desktop": browser.Desktop, "phone": browser.Phone} {
		for _, scheme := range []browser.Scheme{browser.Light, browser.Dark} {
			p := browser.Open(t, h.url+"/compose/"+made.ID, screen, scheme)
			p.WaitVisible("#compose")
			time.Sleep(400 * time.Millisecond)
			p.Screenshot("compose-" + name + "-" + string(scheme))
			if screen.Touch {
				for _, view := range []string{"preview", "when"} {
					p.Click("[data-compose-view=" + view + "]")
					p.Screenshot("compose-" + name + "-" + view + "-" + string(scheme))
				}
				continue
			}
			p.Click(".compose-tab:nth-of-type(4)")
			p.Screenshot("compose-tab-" + string(scheme))
		}
		p := browser.Open(t, h.url+"/library", screen, browser.Light)
		p.Screenshot("library-" + name)
		p.Click(".asset")
		p.WaitVisible(".asset-whole")
		time.Sleep(300 * time.Millisecond)
		p.Screenshot("library-one-" + name)
		browser.Open(t, h.url+"/compose/posts", screen, browser.Light).Screenshot("posts-" + name)
	}
}

// more takes pictures of what a person meets less often.
func (h *house) more(t *testing.T) {
	for name, screen := range map[string]browser.Screen{"desktop": browser.Desktop, "phone": browser.Phone} {
		p := browser.Open(t, h.url+"/compose?channel="+h.channel.ID, screen, browser.Light)
		p.Type(text, "Which hut is your favourite? See https://fjord-outdoor.com/huts")
		p.ClickOn("Add a poll")
		p.WaitVisible("[id='base:poll_option:p00']")
		p.Fill("[id='base:poll_option:p00']", "The high one")
		p.Fill("[id='base:poll_option:p01']", "The low one")
		p.ClickOn("Link card: title, description and picture of a link")
		p.WaitVisible("[id='base:card_title:p0']")
		p.Fill("[id='base:card_title:p0']", "Our huts")
		p.ClickOn("Choose from the library")
		p.WaitVisible(".picker-item")
		p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
		p.Screenshot("compose-extras-" + name)
		p.Fill(text, strings.Repeat("Much too long for anybody. ", 25))
		p.Until(`document.querySelector("#verdict").textContent.includes("refuses")`)
		p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
		p.Screenshot("compose-refused-" + name)
	}
	all, _, err := h.posts.List(ctx, h.actor, post.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	browser.Open(t, h.url+"/compose/"+all[0].ID+"/versions", browser.Desktop, browser.Light).Screenshot("versions")
}
