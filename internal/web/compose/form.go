package compose

import (
	"net/http"
	"slices"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
	"github.com/bellwether-social/bellwether/internal/when"
)

// form is every button of the screen. What it refuses it shows beside the form as it was filled in.
func (r Rooms) form(c *page.Context) error {
	s, f, err := r.read(c)
	if err != nil {
		return err
	}
	a := actOf(f.Value("do"))
	if files := r.withFiles(f); a.verb != "attach" && len(files) > 0 { // a browser without script sends chosen files with any button
		err = r.attach(c, f, &s, files)
	}
	if err == nil {
		switch a.verb {
		case "save", "schedule", "", "overwrite":
			return r.keep(c, s, f, a.verb)
		case "attach":
			err = r.attach(c, f, &s, r.withFiles(f))
		case "split":
			err = r.split(c, &s, a)
		case "document":
			err = r.document(c, &s, a)
		case "card":
			err = r.readCard(c, &s, a)
		case "resolve":
			err = r.resolve(c, &s, a)
		case "set":
			err = r.chooseSet(c, &s, a.place)
		case "keepset":
			if err = r.Channels.SaveSet(c.Ctx(), c.Actor(), f.Value("set_name"), s.Edit.Channels); err == nil {
				c.Flash(ui.ToastProps{Tone: ui.Good, Text: "The set is kept. Everybody in the workspace can choose it."})
				f.Set("set_name", "")
			}
		default:
			if !s.apply(a) {
				err = fault.Invalidf("", "this button no longer fits the form").WithHint("Reload the page; what is typed is kept in the browser.")
			}
		}
	}
	if err != nil && !f.Refuse(err) {
		return err
	}
	return r.show(c, s, f)
}

// keep stores what was written and then, for schedule, plans it.
func (r Rooms) keep(c *page.Context, s sheet, f *page.Form, verb string) error {
	p, err := r.store(c, &s, "")
	if fault.As(orNil(err)).Code == "stale" {
		return r.conflict(c, s, f)
	}
	if err != nil {
		if !f.Refuse(placed(err)) {
			return err
		}
		return r.show(c, s, f)
	}
	words := "Saved."
	if verb == "schedule" {
		if words, err = r.plan(c, s, p); err != nil {
			if !f.Refuse(placed(err)) {
				return err
			}
			return r.show(c, s, f)
		}
	}
	c.Done(words)
	return c.Redirect("/compose/" + p.ID)
}

// placed puts a refusal beside the field it is about where the screen has such a place, else above the form.
func placed(err error) error {
	e := *fault.As(err)
	switch e.Field {
	case "time", "wall":
		e.Field = "at"
	case "at", "zone", "channels":
	default:
		e.Field = ""
	}
	return &e
}

func orNil(err error) error {
	if err == nil {
		return &fault.Error{}
	}
	return err
}

// store creates or saves the post and moves the sheet to the version that is now the newest.
func (r Rooms) store(c *page.Context, s *sheet, note string) (post.Post, error) {
	if err := r.tidy(c, s); err != nil {
		return post.Post{}, err
	}
	s.Edit.Note = note
	var p post.Post
	var err error
	if s.PostID == "" {
		p, err = r.Posts.Create(c.Ctx(), c.Actor(), s.Edit)
	} else {
		p, err = r.Posts.Save(c.Ctx(), c.Actor(), s.PostID, s.Version, s.Edit)
	}
	if err == nil {
		s.PostID, s.Version = p.ID, p.Version
	}
	return p, err
}

// tidy drops what repeats an asset's own words, so that a later change in the library is followed.
func (r Rooms) tidy(c *page.Context, s *sheet) error {
	contents := []*post.Content{&s.Edit.Base}
	for _, v := range s.Edit.Variants {
		if v.Content != nil {
			contents = append(contents, v.Content)
		}
	}
	for _, content := range contents {
		for i := range content.Parts {
			for n := range content.Parts[i].Media {
				use := &content.Parts[i].Media[n]
				a, err := r.Library.Get(c.Ctx(), c.Actor(), use.AssetID)
				if fault.Is(err, fault.NotFound) {
					continue // the check names it
				}
				if err != nil {
					return err
				}
				if use.Alt != nil && strings.TrimSpace(*use.Alt) == a.Alt {
					use.Alt = nil
				}
				if use.FocusX != nil && use.FocusY != nil && near(*use.FocusX, a.FocusX) && near(*use.FocusY, a.FocusY) {
					use.FocusX, use.FocusY = nil, nil
				}
			}
		}
	}
	return nil
}

func near(a, b float64) bool { return a-b < 0.011 && b-a < 0.011 }

// plan gives the stored post its time and says which in words.
func (r Rooms) plan(c *page.Context, s sheet, p post.Post) (string, error) {
	if len(s.Edit.Channels) == 0 {
		return "", fault.Invalidf("channels", "choose at least one channel")
	}
	switch s.When {
	case "now":
		return "It is going out now.", r.Posts.Schedule(c.Ctx(), c.Actor(), p.ID, post.Plan{Now: true, Confirm: s.Confirm})
	case "next", "first":
		if err := r.Posts.Enqueue(c.Ctx(), c.Actor(), p.ID, post.QueueAt(s.When), s.Confirm); err != nil {
			return "", err
		}
		return "It is in the queue" + r.firstTime(c, p.ID) + ".", nil
	}
	if s.At == "" {
		return "", fault.Invalidf("at", "choose a day and a time")
	}
	if err := r.Posts.Schedule(c.Ctx(), c.Actor(), p.ID, post.Plan{Wall: s.At, Zone: s.Zone, Confirm: s.Confirm}); err != nil {
		return "", err
	}
	return "It is scheduled" + r.firstTime(c, p.ID) + ".", nil
}

// firstTime words when the first of the post's targets goes out.
func (r Rooms) firstTime(c *page.Context, postID string) string {
	targets, err := r.Posts.Targets(c.Ctx(), c.Actor(), postID)
	if err != nil {
		return ""
	}
	for _, t := range targets {
		if loc, err := when.Zone(t.Zone); err == nil && t.State == post.Scheduled {
			return " for " + show.Instant(t.DueAt, loc) + ", " + t.Zone
		}
	}
	return ""
}

// autosave keeps a draft while it is written and answers with where it stands, as the script asks.
func (r Rooms) autosave(c *page.Context) error {
	s, _, err := r.read(c)
	if err != nil {
		return err
	}
	if s.PostID == "" && empty(s.Edit) {
		return c.JSON(http.StatusOK, saved{})
	}
	p, err := r.store(c, &s, post.Autosave)
	if err != nil {
		e := fault.As(err)
		if e.Kind == fault.Internal {
			return err
		}
		message := page.Capital(e.Message) + "."
		return c.JSON(page.StatusOf(e.Kind), saved{Post: s.PostID, Version: s.Version, Code: e.Code, Message: message, Hint: e.Hint})
	}
	return c.JSON(http.StatusOK, saved{Post: p.ID, Version: p.Version})
}

// saved is the answer to an autosave.
type saved struct {
	Post    string `json:"post"`
	Version int    `json:"version"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// empty reports whether there is nothing yet that would be missed.
func empty(e post.Edit) bool {
	if e.Title != "" || len(e.Variants) > 0 || e.Base.FirstComment != "" {
		return false
	}
	return !slices.ContainsFunc(e.Base.Parts, func(p post.Part) bool {
		return strings.TrimSpace(p.Text) != "" || len(p.Media) > 0 || p.Poll != nil || p.Card != nil
	})
}

// split cuts a part into a thread by the rules of the channels that get it.
func (r Rooms) split(c *page.Context, s *sheet, a act) error {
	content := s.content(a.place)
	if content == nil || a.part < 0 || a.part >= len(content.Parts) {
		return fault.Invalidf("", "there is no such part")
	}
	channels := []string{a.place}
	if a.place == base {
		channels = s.following()
	}
	cut, err := r.Posts.Split(c.Ctx(), c.Actor(), s.Edit, channels, content.Parts[a.part].Text, a.rest == "numbered")
	if err != nil {
		return err
	}
	if len(cut) < 2 {
		c.Flash(ui.ToastProps{Tone: ui.Info, Text: "It fits into one post on every chosen channel."})
		return nil
	}
	parts := make([]post.Part, len(cut))
	for i, words := range cut {
		parts[i].Text = words
	}
	first := content.Parts[a.part]
	parts[0].Media, parts[0].Poll, parts[0].Card, parts[0].Mentions = first.Media, first.Poll, first.Card, first.Mentions
	for i := range parts {
		parts[i].Mentions = first.Mentions
	}
	content.Parts = slices.Concat(content.Parts[:a.part:a.part], parts, content.Parts[a.part+1:])
	return nil
}

// following are the chosen channels that get the base.
func (s *sheet) following() []string {
	var out []string
	for _, id := range s.Edit.Channels {
		if s.Edit.Variants[id].Content == nil {
			out = append(out, id)
		}
	}
	return out
}

// readCard fills in what the first link of a part says about itself; typed words win.
func (r Rooms) readCard(c *page.Context, s *sheet, a act) error {
	content := s.content(a.place)
	if content == nil || a.part < 0 || a.part >= len(content.Parts) {
		return fault.Invalidf("", "there is no such part")
	}
	p := &content.Parts[a.part]
	if p.Card == nil {
		p.Card = &network.Card{}
		if found := text.Links(p.Text); len(found) > 0 {
			p.Card.URL = found[0].Value
		}
	}
	if p.Card.URL == "" {
		p.Card.URL = "https://"
		return nil
	}
	if r.Cards == nil {
		return nil
	}
	read, err := r.Cards.Read(c.Ctx(), p.Card.URL)
	if err != nil {
		return &fault.Error{Kind: fault.Invalid, Field: a.place + ":card:p" + itoa(a.part), Message: fault.As(err).Message, Hint: fault.As(err).Hint}
	}
	p.Card.Title, p.Card.Description = read.Title, read.Description
	if read.Image == "" || p.Card.Thumb != nil {
		return nil
	}
	raw, name, err := r.Cards.Picture(c.Ctx(), read)
	if err != nil {
		return nil // a card without a picture is still one
	}
	if thumb, err := r.Library.Add(c.Ctx(), c.Actor(), s.Edit.BrandID, name, raw); err == nil && thumb.Kind == network.Image {
		p.Card.Thumb = &network.Media{ID: thumb.ID}
	}
	return nil
}

// chooseSet chooses channels by a word: all, none, a brand, a network or a set that was kept.
func (r Rooms) chooseSet(c *page.Context, s *sheet, set string) error {
	all, err := r.Channels.List(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	sets, err := r.Channels.Sets(c.Ctx(), c.Actor())
	if err != nil {
		return err
	}
	var kept []string
	for _, one := range sets {
		if one.ID == set {
			kept = one.Channels
		}
	}
	s.Edit.Channels = nil
	for _, ch := range all {
		if slices.Contains(kept, ch.ID) || set == "all" || set == ch.BrandID || set == ch.Network {
			s.Edit.Channels = append(s.Edit.Channels, ch.ID)
		}
	}
	return nil
}
