package googlebusinessfake

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bellwether-social/bellwether/internal/network/networkfake"
)

// listAccounts plays a person with a business of their own who also belongs to a group that has the same location.
func (f *Fake) listAccounts(c *call) (any, *refusal) {
	list, next := paged(c.q, []any{map[string]any{"name": Account, "accountName": "Brand", "type": "PERSONAL"}, map[string]any{"name": "accounts/12", "accountName": "Group", "type": "LOCATION_GROUP"}})
	return map[string]any{"accounts": list, "nextPageToken": next}, nil
}

func (f *Fake) show(id string) map[string]any {
	l := map[string]any{"name": "locations/" + id, "title": "Brand in town " + id, "languageCode": "en", "storefrontAddress": map[string]any{"regionCode": "DE", "locality": "Berlin", "addressLines": []string{"High Street " + id}},
		"metadata": map[string]any{"mapsUri": "https://maps.google.com/maps?cid=" + id, "canOperateLocalPost": !f.o.NoPosts}}
	if id != Place {
		l["storeCode"] = "store-" + id
	}
	return l
}

func (f *Fake) listLocations(c *call) (any, *refusal) {
	if c.q.Get("readMask") == "" {
		return nil, invalid("read_mask", "The read mask is required.")
	}
	all := map[string][]any{"11": {f.show(Place), f.show("23")}, "12": {f.show("23"), f.show("24")}}[c.PathValue("account")]
	if f.o.NoLocations {
		all = nil
	}
	list, next := paged(c.q, all)
	return map[string]any{"locations": list, "nextPageToken": next}, nil
}

// location answers for a location, and for its numbers, whose call is a colon behind its name.
func (f *Fake) location(c *call) (any, *refusal) {
	id, verb, _ := strings.Cut(c.PathValue("location"), ":")
	if f.o.NoLocations {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	if verb == "" {
		return f.show(id), nil
	}
	number := func(name string) int {
		n := 0
		_, _ = fmt.Sscan(c.q.Get("dailyRange."+name), &n)
		return n
	}
	from := time.Date(number("startDate.year"), time.Month(number("startDate.month")), number("startDate.day"), 0, 0, 0, 0, time.UTC)
	to := time.Date(number("endDate.year"), time.Month(number("endDate.month")), number("endDate.day"), 0, 0, 0, 0, time.UTC)
	if to.Before(from) || from.Year() < 2020 {
		return nil, invalid("daily_range", "The range is not valid.")
	}
	var series []any
	for _, metric := range c.q["dailyMetrics"] {
		values := []any{}
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			v := map[string]any{"date": map[string]any{"year": d.Year(), "month": int(d.Month()), "day": d.Day()}}
			if n := f.shown[metric][d.Format("2006-01-02")]; n != "" {
				v["value"] = n
			}
			values = append(values, v)
		}
		series = append(series, map[string]any{"dailyMetric": metric, "timeSeries": map[string]any{"datedValues": values}})
	}
	return map[string]any{"multiDailyMetricTimeSeries": []any{map[string]any{"dailyMetricTimeSeries": series}}}, nil
}

func (c *call) place() string {
	return "accounts/" + c.PathValue("account") + "/locations/" + c.PathValue("location")
}

// name is what a path below a location stands for.
func (c *call) name() string { return strings.TrimPrefix(c.URL.Path, "/v4/") }

// valid checks what the reference of local posts says is checked.
func valid(doc map[string]any) *refusal {
	topic, media := str(doc, "topicType"), doc["media"]
	schedule := part(part(doc, "event"), "schedule")
	switch {
	case utf8.RuneCountInString(str(doc, "summary")) > 1500:
		return invalid("summary", "The summary is too long.")
	case topic != "STANDARD" && topic != "EVENT" && topic != "OFFER":
		return invalid("topic_type", "The topic type is required.")
	case topic == "STANDARD" && str(doc, "summary") == "":
		return invalid("summary", "The summary is required.")
	case topic != "STANDARD" && (str(part(doc, "event"), "title") == "" || schedule["startDate"] == nil || schedule["endDate"] == nil):
		return invalid("event.schedule", "The event is required.")
	case topic != "OFFER" && doc["offer"] != nil:
		return invalid("offer", "Only offers have an offer.")
	}
	if list, _ := media.([]any); len(list) > 0 {
		for _, m := range list {
			one, _ := m.(map[string]any)
			if !strings.HasPrefix(str(one, "sourceUrl"), "http") {
				return invalid("media.source_url", "The file cannot be fetched.")
			}
		}
	}
	return nil
}

func (f *Fake) addPost(c *call) (any, *refusal) {
	if c.place() != PlaceName {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	if refused := valid(c.body); refused != nil {
		return nil, refused
	}
	return f.add(c, "/localPosts/post%06d", str(c.body, "summary")), nil
}

func (f *Fake) addPhoto(c *call) (any, *refusal) {
	if !strings.HasPrefix(str(c.body, "sourceUrl"), "http") || str(part(c.body, "locationAssociation"), "category") == "COVER" && str(c.body, "description") != "" {
		return nil, invalid("source_url", "The file cannot be fetched.")
	}
	return f.add(c, "/media/photo%06d", str(c.body, "description")), nil
}

func (f *Fake) add(c *call, form, words string) map[string]any {
	it := &thing{name: f.id(c.place() + form), doc: c.body, at: f.now(), polls: f.o.Polls}
	f.things = append(f.things, it)
	media, _ := c.body["media"].([]any)
	files := len(media)
	if strings.Contains(form, "media") {
		files = 1
	}
	f.Add(networkfake.Item{ID: it.name, Account: Place, Text: words, Visibility: "public", Media: files, At: it.at})
	return f.look(it)
}

// look is a post or a photo as it stands now.
func (f *Fake) look(it *thing) map[string]any {
	doc := map[string]any{"name": it.name, "createTime": it.at.Format(time.RFC3339Nano), "updateTime": it.at.Format(time.RFC3339Nano)}
	for k, v := range it.doc {
		doc[k] = v
	}
	if strings.Contains(it.name, "/media/") {
		doc["googleUrl"] = "https://lh3.googleusercontent.com/" + it.name
		delete(doc, "sourceUrl")
		return doc
	}
	doc["searchUrl"] = "https://local.google.com/place?use=posts&lpsid=" + it.name
	switch {
	case it.polls > 0:
		doc["state"] = "PROCESSING"
	case f.o.Reject:
		doc["state"] = "REJECTED"
	default:
		doc["state"] = "LIVE"
	}
	return doc
}

func (f *Fake) list(c *call) (any, *refusal) {
	kind := "localPosts"
	if strings.HasSuffix(c.URL.Path, "/media") {
		kind = "media"
	}
	var all []any
	for _, it := range f.things {
		if !it.gone && strings.HasPrefix(it.name, c.place()+"/"+kind+"/") {
			all = append(all, f.look(it))
		}
	}
	slices.Reverse(all)
	list, next := paged(c.q, all)
	return map[string]any{map[string]string{"localPosts": "localPosts", "media": "mediaItems"}[kind]: list, "nextPageToken": next}, nil
}

func (f *Fake) get(c *call) (any, *refusal) {
	it := f.thing(c.name())
	if it == nil {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	doc := f.look(it)
	if it.polls > 0 {
		it.polls--
	}
	return doc, nil
}

// patch changes what the mask names; what it names and the body lacks goes.
func (f *Fake) patch(c *call) (any, *refusal) {
	it := f.thing(c.name())
	if it == nil {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	changed := map[string]any{}
	for k, v := range it.doc {
		changed[k] = v
	}
	for _, k := range strings.Split(c.q.Get("updateMask"), ",") {
		if delete(changed, k); c.body[k] != nil {
			changed[k] = c.body[k]
		}
	}
	if refused := valid(changed); refused != nil {
		return nil, refused
	}
	it.doc, it.polls = changed, f.o.Polls
	media, _ := changed["media"].([]any)
	f.Change(it.name, func(i *networkfake.Item) { i.Text, i.Media, i.Edits = str(changed, "summary"), len(media), i.Edits+1 })
	return f.look(it), nil
}

func (f *Fake) remove(c *call) (any, *refusal) {
	if !f.drop(c.name()) {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	return map[string]any{}, nil
}

func (f *Fake) showReview(r *review) map[string]any {
	doc := map[string]any{"name": r.name, "reviewId": r.name[strings.LastIndex(r.name, "/")+1:], "reviewer": map[string]any{"displayName": r.author, "profilePhotoUrl": f.URL + "/" + r.author + ".jpg"},
		"starRating": r.stars, "comment": r.text, "createTime": r.at.Format(time.RFC3339Nano), "updateTime": r.changed.Format(time.RFC3339Nano), "reviewReplyUrl": "https://business.google.com/reviews/" + r.name}
	if r.author == "" {
		doc["reviewer"] = map[string]any{"isAnonymous": true}
	}
	if r.reply != nil {
		doc["reviewReply"] = r.reply
	}
	return doc
}

func (f *Fake) listReviews(c *call) (any, *refusal) {
	var all []*review
	for _, r := range f.reviews {
		if !r.gone {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b *review) int { return b.changed.Compare(a.changed) })
	list, next := paged(c.q, all)
	docs := []any{}
	for _, r := range list {
		docs = append(docs, f.showReview(r))
	}
	return map[string]any{"reviews": docs, "nextPageToken": next, "totalReviewCount": len(all), "averageRating": 4.5}, nil
}

func (f *Fake) readReview(c *call) (any, *refusal) {
	r := f.review(c.name())
	if r == nil {
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	}
	return f.showReview(r), nil
}

func (f *Fake) replied(text string) map[string]any {
	return map[string]any{"comment": text, "updateTime": f.now().Format(time.RFC3339Nano), "reviewReplyState": f.o.ReplyState}
}

// reply writes the one answer to a review; a second one replaces it.
func (f *Fake) reply(c *call) (any, *refusal) {
	name, text := strings.TrimSuffix(c.name(), "/reply"), str(c.body, "comment")
	r := f.review(name)
	switch {
	case r == nil:
		return nil, no(404, "NOT_FOUND", "Requested entity was not found.")
	case text == "" || len(text) > 4096:
		return nil, invalid("comment", "The comment is empty or too long.")
	}
	if r.reply == nil {
		f.Add(networkfake.Item{ID: c.name(), Account: Place, Text: text, ReplyTo: name, Visibility: "public", At: f.now()})
	} else {
		f.Change(c.name(), func(it *networkfake.Item) { it.Text, it.Edits = text, it.Edits+1 })
	}
	r.reply = f.replied(text)
	return r.reply, nil
}
