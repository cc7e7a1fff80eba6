package telegram

import (
	"encoding/json"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

// payload is everything a step needs after a restart: the call as it will be made, but for what earlier steps achieved.
type payload struct {
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
	Names  []string       `json:"names,omitempty"`   // under which the call refers to each file
	Sums   string         `json:"sums,omitempty"`    // of the files, to know them again when the post is changed
	After  string         `json:"after,omitempty"`   // the step whose message this one answers
	On     string         `json:"on,omitempty"`      // the step whose message this one is about
	Item   string         `json:"item,omitempty"`    // the message to change
	Ids    string         `json:"ids,omitempty"`     // all messages of the album to change
	Link   string         `json:"link,omitempty"`    // its address
	Kind   string         `json:"changes,omitempty"` // what the message to change is
}

// theCopy is the step that waits for a post's copy in the discussion group, which comments go below.
const theCopy = "copy"

// comments reports whether the bot can comment below the account's own posts.
func comments(a network.Account) bool { return !isChannel(a) || group(a) != 0 }

func partOf(d network.Draft, part int) network.Part {
	switch {
	case part >= 0 && part < len(d.Parts):
		return d.Parts[part]
	case part == len(d.Parts) && d.FirstComment != nil:
		return *d.FirstComment
	}
	return network.Part{}
}

// Plan checks the draft and lays out its calls: one for each part, those of the first comment, and one to pin.
func (Telegram) Plan(d network.Draft, a network.Account) ([]network.Step, []network.Problem) {
	problems := check(d, a)
	if broken(problems) {
		return nil, problems
	}
	kind := network.Once
	if isChannel(a) && group(a) != 0 {
		kind = network.Findable
	}
	var steps []network.Step
	after := ""
	for i := range d.Parts {
		name := "post"
		if i > 0 {
			name = "part-" + strconv.Itoa(i+1)
		}
		p, files := compose(d, i, chat(a))
		p.After = after
		if topic := topicOf(d.Settings["topic"]); topic != 0 && !isChannel(a) {
			p.Params["message_thread_id"] = topic
		}
		steps = append(steps, step(name, i, kind, p, files))
		after = name
	}
	if d.FirstComment != nil && comments(a) {
		i, to := len(d.Parts), chat(a)
		after = "post"
		if isChannel(a) {
			after, to = theCopy, group(a)
			steps = append(steps, network.Step{Name: theCopy, Part: i, Kind: network.Repeatable, Payload: payload{Method: theCopy, On: "post"}.raw()})
		}
		p, files := compose(d, i, to)
		p.After = after
		steps = append(steps, step("comment", i, network.Once, p, files))
	}
	if network.IsOn(d.Settings["pin"]) {
		p := payload{Method: "pinChatMessage", On: "post", Params: map[string]any{"chat_id": chat(a), "disable_notification": true}}
		steps = append(steps, network.Step{Name: "pin", Kind: network.Repeatable, Payload: p.raw()})
	}
	return steps, problems
}

func (p payload) raw() json.RawMessage {
	raw, _ := json.Marshal(p) // plain data: cannot fail
	return raw
}

func step(name string, part int, kind network.StepKind, p payload, files []network.Media) network.Step {
	s := network.Step{Name: name, Part: part, Kind: kind, Public: true, Payload: p.raw()}
	if len(files) == 1 {
		s.Media = &files[0]
	} else {
		s.Files = files
	}
	return s
}

// compose lays out the call that sends a part.
func compose(d network.Draft, i int, to int64) (payload, []network.Media) {
	part, set := partOf(d, i), d.Settings
	p := payload{Method: methodOf(part, set, i), Params: map[string]any{"chat_id": to}}
	for setting, param := range map[string]string{"silent": "disable_notification", "protect": "protect_content"} {
		if network.IsOn(set[setting]) {
			p.Params[param] = true
		}
	}
	if rows, _ := buttons(set["buttons"]); i == 0 && len(rows) > 0 {
		p.Params["reply_markup"] = map[string]any{"inline_keyboard": rows}
	}
	files := plain(part.Media)
	switch p.Method {
	case "sendMessage":
		p.Params["text"] = part.Text
		if preview := previewOf(part, set["preview"]); len(preview) > 0 {
			p.Params["link_preview_options"] = preview
		}
	case "sendPoll":
		if i > 0 {
			set = nil // the right answer is the first poll's
		}
		poll(part, set, p.Params)
	case "sendLocation", "sendVenue":
		where(part, set["location"], p.Params)
	case "sendMediaGroup":
		var media []map[string]any
		for n, m := range files {
			name := "file" + strconv.Itoa(n)
			item := medium(m, typeOf(m, set["as"]), set)
			item["media"] = "attach://" + name
			if n == 0 {
				maps.Copy(item, captionOf(part.Text, typeOf(m, set["as"]), set))
			}
			media = append(media, item)
			p.Names = append(p.Names, name)
		}
		p.Params["media"] = media
	default:
		kind := typeOf(part.Media[0], set["as"])
		m := medium(files[0], kind, set)
		delete(m, "type")
		maps.Copy(p.Params, m)
		maps.Copy(p.Params, captionOf(part.Text, kind, set))
		p.Names = []string{kind}
	}
	p.Sums = sums(files)
	return p, files
}

// methodOf chooses the call by what the part has.
func methodOf(part network.Part, set map[string]string, i int) string {
	switch {
	case part.Poll != nil:
		return "sendPoll"
	case i == 0 && set["location"] != "" && strings.TrimSpace(part.Text) == "":
		return "sendLocation"
	case i == 0 && set["location"] != "":
		return "sendVenue"
	case len(part.Media) == 0:
		return "sendMessage"
	case len(part.Media) > 1:
		return "sendMediaGroup"
	}
	kind := typeOf(part.Media[0], set["as"])
	return "send" + strings.ToUpper(kind[:1]) + kind[1:]
}

// typeOf is what Telegram calls a file that is sent in the chosen way.
func typeOf(m network.Media, as string) string {
	switch {
	case as == asDocument || m.Kind == network.Document:
		return asDocument
	case m.Kind == network.GIF || as == asAnimation && m.Kind == network.Video:
		return asAnimation
	case m.Kind == network.Video:
		return "video"
	case m.Kind == network.Audio && as == asVoice:
		return asVoice
	case m.Kind == network.Audio:
		return "audio"
	}
	return "photo"
}

// medium is a file as an album's entry or a call of its own describes it.
func medium(m network.Media, kind string, set map[string]string) map[string]any {
	out := map[string]any{"type": kind}
	seconds := int64(m.Duration.Seconds())
	if kind == "video" || kind == asAnimation {
		for name, n := range map[string]int64{"width": int64(m.Width), "height": int64(m.Height), "duration": seconds} {
			if n > 0 {
				out[name] = n
			}
		}
	} else if (kind == "audio" || kind == asVoice) && seconds > 0 {
		out["duration"] = seconds
	}
	if kind == "video" {
		out["supports_streaming"] = true
	}
	if network.IsOn(set["spoiler"]) && shown(kind) {
		out["has_spoiler"] = true
	}
	return out
}

func captionOf(text, kind string, set map[string]string) map[string]any {
	out := map[string]any{}
	if text != "" {
		out["caption"] = text
		if network.IsOn(set["caption_above"]) && shown(kind) {
			out["show_caption_above_media"] = true
		}
	}
	return out
}

// shown reports whether a file is seen in the chat itself.
func shown(kind string) bool { return kind == "photo" || kind == "video" || kind == asAnimation }

func poll(part network.Part, set map[string]string, params map[string]any) {
	var options []map[string]string
	for _, o := range part.Poll.Options {
		options = append(options, map[string]string{"text": strings.TrimSpace(o)})
	}
	params["question"], params["options"] = strings.TrimSpace(part.Text), options
	if seconds := int64(part.Poll.Duration.Seconds()); seconds > 0 {
		params["open_period"] = seconds
	}
	if part.Poll.Multiple {
		params["allows_multiple_answers"] = true
	}
	if part.Poll.HideTotals {
		params["hide_results_until_closes"] = true
	}
	if right, _ := strconv.Atoi(set["quiz_answer"]); right > 0 {
		params["type"], params["correct_option_ids"] = "quiz", []int{right - 1}
		if why := strings.TrimSpace(set["quiz_explanation"]); why != "" {
			params["explanation"] = why
		}
	}
}

func where(part network.Part, location string, params map[string]any) {
	params["latitude"], params["longitude"], _ = position(location)
	if title, address, ok := strings.Cut(strings.TrimSpace(part.Text), "\n"); ok {
		params["title"], params["address"] = strings.TrimSpace(title), strings.Join(strings.Fields(address), " ")
	}
}

func position(location string) (latitude, longitude float64, ok bool) {
	a, b, _ := strings.Cut(location, ",")
	latitude, err := strconv.ParseFloat(strings.TrimSpace(a), 64)
	longitude, err2 := strconv.ParseFloat(strings.TrimSpace(b), 64)
	return latitude, longitude, err == nil && err2 == nil && latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180
}

func previewOf(part network.Part, how string) map[string]any {
	out := map[string]any{}
	switch how {
	case "off":
		return map[string]any{"is_disabled": true}
	case "large":
		out["prefer_large_media"] = true
	case "small":
		out["prefer_small_media"] = true
	case "above":
		out["show_above_text"] = true
	}
	if part.Card != nil && part.Card.URL != "" {
		out["url"] = part.Card.URL
	}
	return out
}

// button is one button that opens an address.
type button struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// buttons reads "Words | https://…" from lines or between semicolons, one button in each row; bad is what is no button.
func buttons(setting string) (rows [][]button, bad string) {
	for _, line := range strings.FieldsFunc(setting, func(r rune) bool { return r == '\n' || r == ';' }) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		words, address, _ := strings.Cut(line, "|")
		b := button{strings.TrimSpace(words), strings.TrimSpace(address)}
		if b.Text == "" || !strings.HasPrefix(b.URL, "https://") && !strings.HasPrefix(b.URL, "http://") || strings.ContainsAny(b.URL, " \t") {
			return nil, line
		}
		rows = append(rows, []button{b})
	}
	return rows, ""
}

var topics = regexp.MustCompile(`(?:^|/)(\d{1,10})(?:/\d+)?/?$`)

// topicOf reads a topic's number, or the address of the topic or of a message in it; 0 is none.
func topicOf(setting string) int64 {
	setting = strings.TrimSpace(setting)
	if n, err := strconv.ParseInt(setting, 10, 32); err == nil {
		return n
	}
	rest, ok := strings.CutPrefix(setting, "https://t.me/")
	if !ok {
		return 0
	}
	rest = strings.TrimPrefix(rest, "c/")
	_, rest, _ = strings.Cut(rest, "/") // the group
	m := topics.FindStringSubmatch("/" + rest)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 32) // digits only
	return n
}

// plain are the files without what the journal fills in.
func plain(media []network.Media) (out []network.Media) {
	for _, m := range media {
		m.Open, m.Address = nil, ""
		out = append(out, m)
	}
	return out
}

func sums(media []network.Media) string {
	var out []string
	for _, m := range media {
		out = append(out, m.SHA256)
	}
	return strings.Join(out, ",")
}
