package compose

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/text"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/show"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// person is one answer of the mention type-ahead.
type person struct {
	Network string `json:"network"`
	On      string `json:"on"` // the network's name
	ID      string `json:"id"`
	Handle  string `json:"handle"`
	Name    string `json:"name"`
	Note    string `json:"note,omitempty"`
}

// people answers the mention type-ahead: the accounts that the networks of the given channels find.
func (r Rooms) people(c *page.Context) error {
	words := strings.TrimPrefix(strings.TrimSpace(c.Query("q")), "@")
	found := []person{}
	if len(words) < 2 || len(words) > 80 {
		return c.JSON(http.StatusOK, found)
	}
	ctx, cancel := context.WithTimeout(c.Ctx(), 4*time.Second)
	defer cancel()
	asked := map[string]bool{}
	for _, channelID := range c.R.URL.Query()["channel"] {
		people, spec, err := r.search(ctx, c, channelID, words, asked)
		if err != nil {
			continue // a network that does not answer is not worth interrupting somebody who writes
		}
		for _, p := range people {
			found = append(found, person{Network: spec.Key, On: spec.Name, ID: p.ID, Handle: p.Handle, Name: show.Clip(p.Name, 60)})
		}
	}
	return c.JSON(http.StatusOK, found)
}

// search asks the channel's network once; nil where it offers no search or was asked already.
func (r Rooms) search(ctx context.Context, c *page.Context, channelID, words string, asked map[string]bool) ([]network.Person, network.Spec, error) {
	ch, err := r.Channels.Get(ctx, c.Actor(), channelID)
	if err != nil || asked[ch.Network] {
		return nil, network.Spec{}, err
	}
	directory, ok := r.Channels.Network(ch).(network.Directory)
	if !ok {
		return nil, network.Spec{}, nil
	}
	asked[ch.Network] = true
	_, n, session, err := r.Channels.Session(ctx, c.Actor().WorkspaceID, channelID)
	if err != nil {
		return nil, network.Spec{}, err
	}
	people, err := directory.SearchPeople(ctx, session, words, 6)
	return people, n.Spec(), err
}

// resolve looks up the mentions of a part that no account was chosen for; what nobody has stays plain text.
func (r Rooms) resolve(c *page.Context, s *sheet, a act) error {
	content := s.content(a.place)
	if content == nil || a.part < 0 || a.part >= len(content.Parts) {
		return fault.Invalidf("", "there is no such part")
	}
	channels := []string{a.place}
	if a.place == base {
		channels = s.following()
	}
	ctx, cancel := context.WithTimeout(c.Ctx(), 15*time.Second)
	defer cancel()
	p := &content.Parts[a.part]
	found, missing := 0, []string{}
	for _, m := range text.Mentions(p.Text) {
		known, asked := false, map[string]bool{}
		for _, channelID := range channels {
			people, spec, err := r.search(ctx, c, channelID, m.Value, asked)
			if err != nil {
				return err
			}
			for _, one := range people {
				if strings.EqualFold(strings.TrimPrefix(one.Handle, "@"), m.Value) {
					if p.Mentions == nil {
						p.Mentions = map[string]map[string]string{}
					}
					if p.Mentions[spec.Key] == nil {
						p.Mentions[spec.Key] = map[string]string{}
					}
					p.Mentions[spec.Key][m.Text], known = one.ID, true
				}
			}
		}
		if known {
			found++
		} else {
			missing = append(missing, m.Text)
		}
	}
	if len(missing) > 0 {
		c.Flash(ui.ToastProps{Tone: ui.Warn, Text: "Nobody was found for " + strings.Join(missing, ", ") + "; it stays plain text."})
	} else if found > 0 {
		c.Done("Every mention leads to an account.")
	}
	return nil
}
