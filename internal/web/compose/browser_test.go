package compose_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/asset"
	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/post"
)

const text = "[id='base:text:p0']"

func TestWritingInABrowserShowsCountsSavesAndSchedules(t *testing.T) {
	h := open(t)
	p := browser.Open(t, h.url+"/compose", browser.Desktop, browser.Light)
	p.Type(text, "Autumn on the ridge")
	p.Until(`document.querySelector("#previews .phone-text")?.textContent.includes("Autumn on the ridge")`)
	p.Until(`document.querySelector("[id='base:counts:p0'] .count-number")?.textContent === "19/500"`)
	p.See("It fits on Fjord")
	p.WaitURL("/compose/post_")
	p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
	if got := h.only(); got.Base.Parts[0].Text != "Autumn on the ridge" {
		t.Errorf("kept is %q", got.Base.Parts[0].Text)
	}
	p.Type(text, strings.Repeat(" so very long", 40))
	p.See("Fjord refuses it as it is")
	p.ClickOn("Split into a thread at the ends of sentences")
	p.Until(`document.querySelectorAll("#panel-base .part").length === 2`)
	p.Until(`document.querySelectorAll("#previews .phone-post").length === 2`)
	p.Click("[aria-label='Remove part 2'], .part:nth-child(2) .part-head button:last-child")
	p.Until(`document.querySelectorAll("#panel-base .part").length === 1`)
	p.Click(".when-choice:nth-child(4)")
	p.Until(`document.querySelector("[data-when-submit] .btn-label").textContent === "Publish now"`)
	p.Click("[data-when-submit]")
	p.See("It is going out now.")
	if got := h.only(); got.State != post.Scheduled {
		t.Errorf("it is %s", got.State)
	}
	p.ConsoleErrors()
	p.CSPReports()
}

func TestTabsVariantsAndSettingsInABrowser(t *testing.T) {
	h := open(t)
	made := h.full()
	p := browser.Open(t, h.url+"/compose/"+made.ID, browser.Desktop, browser.Light)
	p.Click(".compose-tab[data-tab='chan_mastodonfjord']")
	p.See("gets the text for all channels")
	p.ClickOn("Write differently for Fjord")
	p.WaitVisible("[id='chan_mastodonfjord:text:p0']")
	p.Fill("[id='set:chan_mastodonfjord:content_warning']", "Heights")
	p.Until(`document.querySelector("[data-preview='chan_mastodonfjord'] .phone-warning")?.textContent.includes("Heights")`)
	p.ClickOn("Follow the text for all again")
	p.WaitGone("[id='chan_mastodonfjord:text:p0']")
	if got := p.Value("[id='set:chan_mastodonfjord:content_warning']"); got != "Heights" {
		t.Errorf("resetting the text lost the setting: %q", got)
	}
	p.Click(".channel-chip:first-child")
	p.Until(`document.querySelectorAll("#previews .preview").length === 2`)
	p.ConsoleErrors()
	p.CSPReports()
}

func TestFilesAreUploadedDescribedAndFocused(t *testing.T) {
	h := open(t)
	file := filepath.Join(t.TempDir(), "hill.png")
	if err := os.WriteFile(file, hill(900, 600), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(t.TempDir(), "photo.jpg")
	if err := os.WriteFile(wrong, []byte("<html><script>alert(1)</script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, h.url+"/compose", browser.Desktop, browser.Light)
	p.Type(text, "With a picture")
	p.Upload("[data-upload-input]", wrong)
	p.See("This file is a web page by its content, though its name ends in .jpg.")
	p.Upload("[data-upload-input]", file)
	p.WaitVisible(".medium .focal-point")
	p.See("has no alt text")
	p.Fill(".medium textarea", "A green hill")
	p.Until(`document.querySelector("#previews figure img")?.alt === "A green hill"`)
	p.Click(".medium .focal")
	p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
	got := h.only()
	if len(got.Base.Parts[0].Media) != 1 || got.Base.Parts[0].Media[0].Alt == nil || *got.Base.Parts[0].Media[0].Alt != "A green hill" || got.Base.Parts[0].Text != "With a picture" {
		t.Errorf("kept is %+v", got.Base.Parts[0])
	}
	if files, _, _ := h.library.List(ctx, h.actor, asset.Filter{}); len(files) != 1 {
		t.Errorf("the library holds %d files", len(files))
	}
	p.ConsoleErrors()
	p.CSPReports()
}

func TestSomebodyElsesVersionStopsSavingAndIsCompared(t *testing.T) {
	h := open(t)
	made, err := h.posts.Create(ctx, h.actor, post.Edit{BrandID: "brand_1", Channels: []string{h.channel.ID}, Base: post.Content{Parts: []post.Part{{Text: "The fog lay in the valley"}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, h.url+"/compose/"+made.ID, browser.Desktop, browser.Light)
	p.WaitVisible(text)
	ben := h.actor
	ben.UserID, ben.Name = "user_2", "Ben Ode"
	e, _, err := h.posts.Editing(ctx, ben, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	e.Base.Parts[0].Text = "The fog hung in the valley"
	if _, err := h.posts.Save(ctx, ben, made.ID, 1, e); err != nil {
		t.Fatal(err)
	}
	p.Fill(text, "The fog lay in the valley, still")
	p.See("Ben Ode saved version 2")
	p.ClickOn("Compare the two")
	p.See("Two people wrote at once")
	p.See("The fog hung in the valley")
	p.ClickOn("Save mine on top")
	p.See("Saved.")
	if now, _ := h.posts.Get(ctx, h.actor, made.ID); now.Base.Parts[0].Text != "The fog lay in the valley, still" || now.Version != 3 {
		t.Errorf("kept is version %d, %q", now.Version, now.Base.Parts[0].Text)
	}
}

func TestWhatABrowserHeldWhenItDiedIsOfferedAgain(t *testing.T) {
	h := open(t)
	p := browser.Open(t, h.url+"/compose", browser.Desktop, browser.Light)
	p.WaitVisible(text)
	browser.Eval[bool](p, `(() => { window.fetch = () => Promise.reject(new Error("the tunnel")); return true; })()`)
	p.Type(text, "Typed without a connection")
	p.Until(`document.querySelector("[data-compose-state]").textContent.includes("kept in this browser")`)
	q := p.Tab(h.url + "/compose")
	q.See("still holds a text from")
	q.ClickOn("Take it back")
	q.Until(`document.querySelector("[id='base:text:p0']")?.value === "Typed without a connection"`)
}

func TestTheScreenFitsAPhoneAndEverybody(t *testing.T) {
	h := open(t)
	made := h.full()
	for _, path := range []string{"/compose/" + made.ID, "/compose", "/compose/posts", "/compose/" + made.ID + "/versions", "/library"} {
		p := browser.Open(t, h.url+path, browser.Phone, browser.Light)
		p.WaitVisible("main")
		p.NoSidewaysScroll()
		p.Axe()
		p.CSPReports()
	}
	p := browser.Open(t, h.url+"/compose/"+made.ID, browser.Phone, browser.Dark)
	for _, view := range []string{"preview", "when"} {
		p.Click("[data-compose-view=" + view + "]")
		p.NoSidewaysScroll()
		p.Axe()
	}
	d := browser.Open(t, h.url+"/compose/"+made.ID, browser.Desktop, browser.Dark)
	d.Axe()
}

func TestMentionsAreFoundWhileTyping(t *testing.T) { // B09
	h := open(t)
	made, err := h.channels.SignIn(ctx, h.actor, "town", "brand_1", map[string]string{"handle": "fjord"})
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, h.url+"/compose?channel="+made[0].ID, browser.Desktop, browser.Light)
	p.Type(text, "With @an")
	p.Until(`document.querySelectorAll(".mention").length === 2`)
	if got := p.Text(".mention"); !strings.Contains(got, "Ann <b>Fjell</b>") {
		t.Errorf("a stranger's name is shown as %q", got)
	}
	p.Click(".mention:nth-child(2)")
	p.Until(`document.querySelector("[id='base:text:p0']").value === "With @anna.example.org "`)
	p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
	if got := h.only().Base.Parts[0].Mentions["town"]["@anna.example.org"]; got != "did:2" {
		t.Errorf("kept is %q", got)
	}
	p.Fill(text, "With @ben.example.org and @nobody.example.org")
	p.Until(`document.querySelector("[id='base:text:p0']").value.startsWith("With @ben")`)
	p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
	p.Reload()
	p.ClickOn("Find the accounts of the mentions")
	p.See("Nobody was found for @nobody.example.org")
	p.ConsoleErrors()
}

func TestALinkShowsWhatItIs(t *testing.T) { // B28
	h := open(t)
	p := browser.Open(t, h.url+"/compose", browser.Desktop, browser.Light)
	p.Type(text, "Look at this")
	p.ClickOn("Link card: title, description and picture of a link")
	p.Fill("[id='base:card:p0']", h.outside.URL+"/walk")
	p.ClickOn("Read the page")
	p.Until(`document.querySelector("[id='base:card_title:p0']")?.value === "Autumn walk"`)
	p.Until(`document.querySelector("#previews .phone-card-text")?.textContent === "Six hours, two huts"`)
	p.Fill("[id='base:card_title:p0']", "Our own words")
	p.Until(`document.querySelector("#previews .phone-card strong")?.textContent === "Our own words"`)
	p.Fill("[id='base:card:p0']", "http://127.0.0.1:9/")
	p.ClickOn("Read the page")
	p.See("is not a public internet address")
	if got := p.Value(text); got != "Look at this" {
		t.Errorf("the text became %q", got)
	}
	p.ConsoleErrors()
}

func TestSectionsFollowTheChosenBoardInABrowser(t *testing.T) {
	h := open(t)
	ch := h.connect("pinterest", "fjord", channel.Defaults{})
	made, err := h.posts.Create(ctx, h.actor, post.Edit{BrandID: "brand_1", Channels: []string{ch.ID}, Base: post.Content{Parts: []post.Part{{Text: "Soup"}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, h.url+"/compose/"+made.ID, browser.Desktop, browser.Light)
	p.Click(".compose-tab[data-tab='" + ch.ID + "']")
	board, section := "[id='set:"+ch.ID+":board']", "[id='set:"+ch.ID+":section']"
	p.Until(`document.querySelector("` + section + `").disabled`)
	choose := func(value string) {
		p.Until(`(() => { const s = document.querySelector("` + board + `"); s.value = "` + value + `"; return s.dispatchEvent(new Event("change", {bubbles: true})) })()`)
	}
	offers := func(want string) {
		p.Until(`[...document.querySelectorAll("` + section + ` option")].map(o => o.textContent.trim()).join("|") === "Choose…|` + want + `"`)
	}
	choose("recipes")
	offers("Winter")
	choose("gifts")
	offers("Small ones")
	p.Axe()
	p.ConsoleErrors()
}

func TestB13PicturesBecomeADocumentInABrowser(t *testing.T) {
	h := open(t)
	ch := h.connect("linkedin", "fjord", channel.Defaults{})
	file, err := h.library.Add(ctx, h.actor, "brand_1", "hill.png", bytes.NewReader(hill(900, 600)))
	if err != nil {
		t.Fatal(err)
	}
	made, err := h.posts.Create(ctx, h.actor, post.Edit{BrandID: "brand_1", Channels: []string{ch.ID}, Base: post.Content{Parts: []post.Part{{Text: "Page through it", Media: []post.MediaUse{{AssetID: file.ID}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := browser.Open(t, h.url+"/compose/"+made.ID, browser.Desktop, browser.Light)
	p.ClickOn("Make one document (PDF) of these pictures")
	p.See("PDF, 1 page")
	p.Until(`document.querySelector("#previews .phone-pages")?.textContent === "1 page"`)
	p.Until(`document.querySelector("#previews figure img")?.naturalWidth === 480`)
	p.DontSee("Make one document")
	p.Axe()
	p.ConsoleErrors()
}
