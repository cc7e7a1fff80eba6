package queue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/channel"
	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/post"
	"github.com/bellwether-social/bellwether/internal/web/page"
	"github.com/bellwether-social/bellwether/internal/web/ui"
)

// move gives a post another place of the order: where it was dropped, or where a button says.
func (r Rooms) move(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	ctx, actor, id := c.Ctx(), c.Actor(), c.Path("channel")
	before := f.Value("before")
	to := post.To(f.Value("to"))
	if to == "" {
		to = post.Bottom
	}
	if before != "" { // a post with a time of its own is no place of the queue; the next one in a slot is
		queue, err := r.Posts.Queue(ctx, actor, id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(queue, func(e post.Entry) bool { return e.ID == before })
		for before = ""; at >= 0 && at < len(queue); at++ {
			if queue[at].State == post.Scheduled && queue[at].SlotID != "" && queue[at].ID != f.Value("item") {
				before = queue[at].ID
				break
			}
		}
	}
	err = r.Posts.MoveInQueue(ctx, actor, id, f.Value("item"), before, to)
	if !c.Fragment() {
		if err != nil {
			return err
		}
		return c.Redirect("/queue/" + id)
	}
	status := 200
	if err != nil {
		e := fault.As(err)
		if e.Kind == fault.Internal || e.Kind == fault.Forbidden {
			return err
		}
		status = page.StatusOf(e.Kind)
		c.Flash(ui.ToastProps{Tone: ui.Bad, Text: "Not moved: " + page.Capital(e.Message) + "."})
	} else if t, err := r.Posts.Target(ctx, actor, f.Value("item")); err == nil {
		c.Done("It now goes out " + t.DueAt.In(c.Zone()).Format("Mon 2 Jan, 15:04") + ".")
	}
	v, err := r.channelView(c, page.Blank(nil))
	if err != nil {
		return err
	}
	return c.RenderPart(status, order(v))
}

func (r Rooms) shuffle(c *page.Context) error {
	if err := r.Posts.Shuffle(c.Ctx(), c.Actor(), c.Path("channel")); err != nil {
		return err
	}
	c.Done("The queue is in a new order. No post was changed.")
	return c.Redirect("/queue/" + c.Path("channel"))
}

// addSlots adds the times on the chosen weekdays.
func (r Rooms) addSlots(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	var slots []post.Slot
	for _, word := range strings.FieldsFunc(f.Value("times"), func(r rune) bool { return strings.ContainsRune(" ,;\n", r) }) {
		at, err := time.Parse("15:04", word)
		if err != nil {
			f.Wrong("times", "“"+word+"” is not a time. Write times as 09:30, 17:00.")
			break
		}
		for day := range 7 {
			if f.Has("day", fmt.Sprint(day)) {
				slots = append(slots, post.Slot{Weekday: day, Minute: at.Hour()*60 + at.Minute(), Kind: f.Value("kind"), OwnerID: f.Value("owner")})
			}
		}
	}
	if f.OK() && f.Value("times") == "" {
		f.Wrong("times", "Write one or more times, for example 09:30, 17:00.")
	}
	if f.OK() && len(slots) == 0 {
		f.Wrong("day", "Choose at least one weekday.")
	}
	if f.OK() {
		err := r.Posts.AddSlots(c.Ctx(), c.Actor(), c.Path("channel"), slots)
		if err == nil {
			c.Done("The slots are added. What is planned already keeps its time.")
			return c.Redirect("/queue/" + c.Path("channel") + "#slots")
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.showChannel(c, f)
}

func (r Rooms) removeSlot(c *page.Context) error {
	if err := r.Posts.RemoveSlot(c.Ctx(), c.Actor(), c.Path("channel"), c.Path("slot")); err != nil {
		return err
	}
	c.Done("The slot is gone. What is planned already keeps its time.")
	return c.Redirect("/queue/" + c.Path("channel") + "#slots")
}

func (r Rooms) cadence(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	n := f.Int("posts", 0, 1000)
	if f.OK() {
		err := r.Posts.SetCadence(c.Ctx(), c.Actor(), c.Path("channel"), f.Value("per"), n)
		if err == nil {
			c.Done("The cadence is set.")
			return c.Redirect("/queue/" + c.Path("channel"))
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.showChannel(c, f)
}

// pause holds channels until a time or until someone resumes them.
func (r Rooms) pause(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	chosen := f.All("channel")
	until := channel.Forever
	if at := f.Time("until", c.Zone().String()); !at.IsZero() {
		until = at
	}
	if len(chosen) == 0 {
		f.Wrong("reason", "Choose at least one channel.")
	}
	if f.Value("reason") == "" {
		f.Wrong("reason", "Say why; every held post shows it.")
	}
	if f.OK() {
		var paused []string
		for _, id := range chosen {
			ch, err := r.Channels.Get(c.Ctx(), c.Actor(), id)
			if err != nil {
				return err
			}
			if err := r.Channels.Pause(c.Ctx(), c.Actor(), id, until, f.Value("reason")); err != nil {
				if !f.Refuse(err) {
					return err
				}
				return r.again(c, f, chosen)
			}
			paused = append(paused, ch.Name)
		}
		c.Done("Paused: " + names(paused) + ". What comes due is held.")
		return r.after(c, chosen)
	}
	return r.again(c, f, chosen)
}

// again shows the form once more where it was sent from; after leads back there.
func (r Rooms) again(c *page.Context, f *page.Form, chosen []string) error {
	if len(chosen) == 1 && f.Value("from") == "channel" {
		c.R.SetPathValue("channel", chosen[0])
		return r.showChannel(c, f)
	}
	return r.showOverview(c, f, nil)
}

func (r Rooms) after(c *page.Context, chosen []string) error {
	if f, err := c.Form(); err == nil && len(chosen) == 1 && f.Value("from") == "channel" {
		return c.Redirect("/queue/" + chosen[0])
	}
	return c.Redirect("/queue")
}

func (r Rooms) resume(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	for _, id := range f.All("channel") {
		if err := r.Channels.Resume(c.Ctx(), c.Actor(), id); err != nil {
			return err
		}
	}
	c.Done("Running again. What was held waits for your choice.")
	return r.after(c, f.All("channel"))
}

// stop is the emergency stop of everything.
func (r Rooms) stop(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	until := f.Time("until", c.Zone().String())
	if f.OK() {
		err := r.Posts.StopAll(c.Ctx(), c.Actor(), until, f.Value("reason"))
		if err == nil {
			c.Flash(ui.ToastProps{Tone: ui.Warn, Text: "All publishing is stopped. What comes due is held."})
			return c.Redirect("/queue")
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return r.showOverview(c, f, nil)
}

func (r Rooms) release(c *page.Context) error {
	if err := r.Posts.ReleaseAll(c.Ctx(), c.Actor()); err != nil {
		return err
	}
	c.Done("Publishing is released. Each held post waits for your choice.")
	return c.Redirect("/queue#held")
}

// held carries out the choices about held posts, one by one; what is refused stays held and says why.
func (r Rooms) held(c *page.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	all, err := r.Posts.Held(c.Ctx(), c.Actor(), "")
	if err != nil {
		return err
	}
	done, refused := 0, []string{}
	for _, e := range all {
		choice := f.Value("choice-" + e.ID)
		if choice == "" {
			continue
		}
		err := r.Posts.Decide(c.Ctx(), c.Actor(), e.ID, post.Choice(choice), f.On("confirm"))
		if err == nil {
			done++
			continue
		}
		fa := fault.As(err)
		if fa.Kind == fault.Internal {
			return err
		}
		refused = append(refused, strings.TrimSpace("“"+text(e, 40)+"”: "+fa.Message+". "+fa.Hint))
	}
	if len(refused) > 0 {
		return r.showOverview(c, f, refused)
	}
	if done == 0 {
		c.Flash(ui.ToastProps{Tone: ui.Info, Text: "Nothing was chosen; everything stays held."})
	} else {
		c.Done(fmt.Sprintf("%s carried out.", plural(done, "choice", "choices")))
	}
	return c.Redirect("/queue")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
