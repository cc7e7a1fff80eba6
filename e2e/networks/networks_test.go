package networks

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/e2e/browser"
	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/networkfake/every"
)

const words = "Open kiln on Saturday: come and see it"

// TestOneCampaignRunsOnEveryNetwork is a manager's week in one go: a campaign, one post for all channels with each
// network's own file and settings, its preview, its delivery, what people wrote below it, and its numbers.
func TestOneCampaignRunsOnEveryNetwork(t *testing.T) {
	h := open(t)
	h.campaign("Open kiln")
	h.write("Open kiln")
	h.schedule()
	h.delivered()
	h.answered()
	h.measured()
	for _, f := range h.fakes {
		for _, wrong := range f.Violations() {
			t.Errorf("%s does not allow: %s", f.Key, wrong)
		}
	}
	h.page.ConsoleErrors()
	h.page.CSPReports()
}

func (h *house) campaign(name string) {
	h.t.Helper()
	p := h.page
	p.Go(h.URL + "/campaigns/new")
	p.FillIn("Name", name)
	p.FillIn("From", time.Now().Format(time.DateOnly))
	p.FillIn("Until and including", time.Now().AddDate(0, 0, 14).Format(time.DateOnly))
	p.Click("main button.btn-primary[type=submit]")
	p.WaitURL("/campaigns/[a-z]+_")
}

// write writes the post for all channels, and what each network wants of its own.
func (h *house) write(campaign string) {
	h.t.Helper()
	p := h.page
	var query []string
	for _, s := range h.seats {
		query = append(query, "channel="+s.channel)
	}
	p.Go(h.URL + "/compose?" + strings.Join(query, "&"))
	p.Fill("[id='base:text:p0']", words)
	h.attach("#panel-base", "base", every.Picture)
	for _, s := range h.seats {
		p.Click(".compose-tab[data-tab='" + s.channel + "']")
		if s.File == every.Film {
			p.ClickOn("Write differently for " + s.name)
			p.WaitVisible("[id='" + s.channel + ":text:p0']")
			panel := "#panel-" + s.channel
			p.Click(panel + " .medium button[value^='drop:']")
			p.WaitGone(panel + " .medium")
			h.attach(panel, s.channel, every.Film)
		}
		for key, value := range s.With(words) {
			h.set("set:"+s.channel+":"+key, value)
		}
	}
	h.choose("campaign", campaign)
	p.Until(fmt.Sprintf(`document.querySelectorAll("[data-preview]").length === %d`, len(h.seats)))
	for _, s := range h.seats {
		p.Until(fmt.Sprintf(`document.querySelector("[data-preview='%s']").innerText.includes(%s)`, s.channel, quote(words)))
	}
	p.Until(`document.querySelector(".verdict .ink-good, .verdict [data-tab]")`)
	if p.Count(".verdict [data-tab]") > 0 {
		p.Click(".verdict [data-tab]")
		h.t.Fatalf("refused: %s", browser.Eval[string](p, `[...document.querySelectorAll(".preview")].filter(e => e.querySelector(".ink-bad")).map(e => e.innerText).join("\n")`))
	}
	p.See(fmt.Sprintf("It fits on all %d channels", len(h.seats)))
	p.Until(`document.querySelector("[data-compose-state]").textContent.startsWith("Saved")`)
	p.Axe()
	p.Screenshot("networks-compose")
}

// attach uploads a file to the first part of a place and waits until it is there.
func (h *house) attach(panel, place string, file every.File) {
	h.t.Helper()
	h.page.Upload("[id='"+place+":file:p0'], [name='"+place+":file:p0']", h.files[file])
	h.page.WaitVisible(panel + " .medium")
	if file == every.Picture {
		h.page.Fill(panel+" .medium textarea", "A kiln before it is fired")
	}
}

// set gives a setting its value, whatever kind of field it is.
func (h *house) set(id, value string) {
	h.t.Helper()
	field := fmt.Sprintf("document.getElementById(%s)", quote(id))
	h.page.Until(field)
	browser.Eval[bool](h.page, fmt.Sprintf(`((e, value) => {
		if (e.type === "checkbox") { if (e.checked !== ["yes", "true"].includes(value)) e.click(); return true }
		e.value = value
		if (e.value !== value) throw new Error(e.id + " does not offer " + value + " but " + [...(e.options ?? [])].map(o => o.value))
		e.dispatchEvent(new Event("input", {bubbles: true}))
		e.dispatchEvent(new Event("change", {bubbles: true}))
		return true
	})(%s, %s)`, field, quote(value)))
}

// choose picks the option that reads so.
func (h *house) choose(name, option string) {
	h.t.Helper()
	h.page.Until(fmt.Sprintf(`(e => { const o = [...e.options].find(o => o.label.trim() === %s); if (!o) return false; e.value = o.value; e.dispatchEvent(new Event("change", {bubbles: true})); return true })(document.querySelector("select[name='%s']"))`, quote(option), name))
}

// schedule plans the post for a time, and then that time comes.
func (h *house) schedule() {
	h.t.Helper()
	p := h.page
	p.Click(".when-choice:nth-child(1)")
	p.Fill("[name=at]", time.Now().Add(26*time.Hour).Format("2006-01-02T15:04"))
	p.Click("[data-when-submit]")
	p.WaitURL("/compose/post_")
	p.Until(fmt.Sprintf(`document.querySelectorAll(".planned li").length === %d || document.body.innerText.includes("Planned")`, len(h.seats)))
	p.Go(h.URL + "/calendar?view=list")
	p.See(words[:20])
	h.pass(`update targets set due_at = $1 where state = 'scheduled'`)
}

// delivered waits until the post is live everywhere, once, as the network itself says, and every delivery says so.
func (h *house) delivered() {
	h.t.Helper()
	p := h.page
	for deadline := time.Now().Add(3 * browser.Patience); ; {
		p.Go(h.URL + "/deliveries?group=verified")
		n := browser.Eval[int](p, `document.querySelectorAll("main tbody tr").length`)
		if n == len(h.seats) {
			break
		}
		h.pass(`update deliveries set next_at = $1 where next_at > $1`) // networks look at videos for minutes
		if time.Now().After(deadline) {
			for _, group := range []string{"failed", "needs_human"} {
				p.Go(h.URL + "/deliveries?group=" + group)
				h.t.Logf("%s: %s", group, strings.Join(strings.Fields(p.Text("main")), " "))
			}
			h.database(func(ctx context.Context, d *db.DB) {
				rows, err := db.All[string](ctx, d, `select c.network || ': ' || a.step || ' ' || a.class || ' ' || a.detail from attempts a join deliveries d on d.workspace_id = a.workspace_id and d.id = a.delivery_id join targets t on t.workspace_id = d.workspace_id and t.id = d.target_id join channels c on c.workspace_id = t.workspace_id and c.id = t.channel_id where t.state <> 'published'`)
				h.t.Log(err, strings.Join(rows, "\n"))
			})
			h.t.Fatalf("%d of %d deliveries are verified", n, len(h.seats))
		}
		time.Sleep(300 * time.Millisecond)
	}
	p.Axe()
	p.Screenshot("networks-deliveries")
	for _, s := range h.seats {
		shared := 0 // a bot writes in several places as one account
		for _, other := range h.seats {
			if other.fake == s.fake && other.ledger == s.ledger {
				shared++
			}
		}
		if n := len(s.live()); n != shared {
			h.t.Errorf("the post is live %d times as %s on %s, want %d", n, s.name, s.fake.Key, shared)
		}
	}
}

// live are the ids of the post at its network.
func (s *seat) live() (ids []string) {
	for _, it := range s.fake.Items() {
		if it.Account == s.ledger && !it.Deleted && strings.Contains(it.Text, words) {
			ids = append(ids, it.ID)
		}
	}
	return ids
}

// answered lets a stranger write below the post on every network, and finds it in the inbox.
func (h *house) answered() {
	h.t.Helper()
	var heard []string
	for _, s := range h.seats {
		if s.fake.Say == nil || s.mute || len(s.live()) == 0 {
			continue
		}
		text := fmt.Sprintf("Is it far from the station, %s?", s.fake.Key)
		below := s.live()[0]
		for _, id := range s.live() {
			if strings.HasPrefix(id, s.account+":") { // a chat among several of one bot
				below = id
			}
		}
		s.fake.Say(text, below)
		heard = append(heard, text)
	}
	p := h.page
	var missing []string
	for deadline := time.Now().Add(2 * browser.Patience); ; {
		h.pass(`update channels set inbox_at = inbox_at - 3600000000 where inbox_at is not null and $1 > 0`)
		p.Go(h.URL + "/inbox")
		page := p.Text("main")
		missing = slices.DeleteFunc(slices.Clone(heard), func(text string) bool { return strings.Contains(page, text) })
		if len(missing) == 0 {
			break
		}
		if time.Now().After(deadline) {
			h.t.Errorf("of %d comments these are not in the inbox: %q", len(heard), missing)
			break
		}
		time.Sleep(time.Second)
	}
	p.Axe()
	p.Screenshot("networks-inbox")
}

// measured lets the time of the first reading come and finds the numbers of every network that counts beside its post.
func (h *house) measured() {
	h.t.Helper()
	var counted []*seat // the first account of each; LinkedIn shows a member's numbers to nobody
	for i, s := range h.seats {
		_, measures := s.fake.Network.(network.Measurer)
		if measures && len(s.fake.Network.Spec().Metrics) > 0 && !s.fake.ToldOnly && (i == 0 || h.seats[i-1].fake != s.fake) {
			counted = append(counted, s)
		}
	}
	p := h.page
	targets := map[string]string{} // by channel, of what has numbers
	for deadline := time.Now().Add(5 * browser.Patience); len(targets) < len(counted) && time.Now().Before(deadline); time.Sleep(time.Second) {
		h.pass(`update measure_plans set next_at = $1 where next_at > $1 and step = 0`)
		h.database(func(ctx context.Context, d *db.DB) {
			rows, err := db.All[struct {
				Channel string `db:"channel_id"`
				Target  string `db:"id"`
			}](ctx, d, `select channel_id, id from targets t where exists (select 1 from latest_values v where v.workspace_id = t.workspace_id and v.scope = t.id)`)
			if err != nil {
				h.t.Fatal(err)
			}
			for _, r := range rows {
				targets[r.Channel] = r.Target
			}
		})
	}
	for _, s := range counted {
		if targets[s.channel] == "" {
			h.t.Errorf("there are no numbers of %s", s.fake.Key)
			continue
		}
		p.Go(h.URL + "/insights/posts/" + targets[s.channel])
		p.See("Every value as it was fetched")
		if p.Count("main tbody tr") == 0 {
			h.t.Errorf("no number of %s is shown", s.fake.Key)
		}
	}
	p.Axe()
	p.Screenshot("networks-numbers")
	p.Go(h.URL + "/campaigns")
	p.Click("main tbody a")
	p.WaitURL("/campaigns/[a-z]+_")
	p.See(words)
	p.Axe()
	p.Screenshot("networks-campaign")
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always can
	return string(b)
}
