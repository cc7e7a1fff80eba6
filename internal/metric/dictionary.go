package metric

// Type says how values of a metric may be combined (PRODUCT §6 rule 2).
type Type string

const (
	Count    Type = "count"    // additive
	Unique   Type = "unique"   // never additive over days, items or networks
	State    Type = "state"    // the last value; a difference over time
	Duration Type = "duration" // median and mean of kept values
	Money    Type = "money"    // minor units and a currency
	Ratio    Type = "ratio"    // computed from two sums
)

// Definition is one entry of the dictionary: what a number means, wherever it is shown (INV-04).
type Definition struct {
	ID      string
	Name    string
	Formula string
	Unit    string // "n", "%", "s", "cur", "x"; kept "ms" (thousandths of a second) and "bp" (hundredths of a per cent)
	Type    Type
	Caveat  string
	// Over and Under are the metrics a Ratio divides.
	Over, Under string
}

// Dictionary holds the numbers this version shows, in reading order.
var Dictionary = []Definition{
	{ID: "M-FOLL", Name: "Followers", Formula: "value at the end of the period", Unit: "n", Type: State},
	{ID: "M-FOLLNET", Name: "Net followers", Formula: "followers at the end − followers at the start", Unit: "n", Type: Count, Caveat: "page merges and purges show here"},
	{ID: "M-FOLLGR", Name: "Follower growth rate", Formula: "(end − start) ÷ start", Unit: "%", Type: Ratio, Over: "M-FOLLNET", Under: "M-FOLL", Caveat: "no value when the start is 0"},
	{ID: "M-IMPR", Name: "Impressions", Formula: "times shown, as delivered", Unit: "n", Type: Count, Caveat: "networks count differently; Mastodon and Bluesky deliver none"},
	{ID: "M-REACH", Name: "Reach", Formula: "distinct viewers, as delivered for exactly this item", Unit: "n", Type: Unique, Caveat: "never summed over days, posts or networks"},
	{ID: "M-LIKE", Name: "Likes and reactions", Formula: "as delivered", Unit: "n", Type: Count, Caveat: "may fall when people take likes back"},
	{ID: "M-COMM", Name: "Comments", Formula: "as delivered", Unit: "n", Type: Count},
	{ID: "M-SHARE", Name: "Shares", Formula: "reposts, boosts and quotes, as delivered", Unit: "n", Type: Count},
	{ID: "M-SAVE", Name: "Saves", Formula: "as delivered", Unit: "n", Type: Count},
	{ID: "M-LCLICK", Name: "Link clicks at the network", Formula: "as delivered", Unit: "n", Type: Count, Caveat: "not the clicks on own short links; X tells them for 30 days"},
	{ID: "M-PVIS", Name: "Profile visits", Formula: "as delivered", Unit: "n", Type: Count},
	{ID: "M-FOLLGAIN", Name: "Followers won", Formula: "accounts that began to follow from this post, as delivered", Unit: "n", Type: Count, Caveat: "who left again is not taken off"},
	{ID: "M-VVIEW", Name: "Video views", Formula: "as delivered", Unit: "n", Type: Count, Caveat: "from which moment on a view counts differs by network"},
	{ID: "M-VTIME", Name: "Watch time", Formula: "time people watched, as delivered", Unit: "s", Type: Count},
	{ID: "M-VAVG", Name: "Average watch time", Formula: "watch time ÷ views of this video, as delivered", Unit: "ms", Type: Duration, Caveat: "over several videos: Σ watch time ÷ Σ views"},
	{ID: "M-VSHARE", Name: "Average share watched", Formula: "watch time ÷ views ÷ the video's length, as delivered", Unit: "bp", Type: Unique, Caveat: "above 100 % where people watch again; never averaged over videos"},
	{ID: "M-VDONE", Name: "Watched to the end", Formula: "views that reached the end, as delivered", Unit: "n", Type: Count, Caveat: "TikTok tells the share only: share × views; Pinterest counts from 95 %"},
	{ID: "M-VCOMP", Name: "Completion", Formula: "views that reached the end ÷ views", Unit: "%", Type: Ratio, Over: "M-VDONE", Under: "M-VVIEW"},
	{ID: "M-VRET", Name: "Retention", Formula: "share of views still there at each part of the video", Unit: "%", Type: Unique, Caveat: "never averaged over videos of unequal length"},
	{ID: "M-SKIP", Name: "Skip rate", Formula: "views left within the first three seconds ÷ views, as delivered", Unit: "bp", Type: Unique, Caveat: "never averaged over videos"},
	{ID: "M-STFWD", Name: "Story taps forward", Formula: "taps to the next part, as delivered", Unit: "n", Type: Count, Caveat: "told for 24 hours, from 5 viewers on"},
	{ID: "M-STBACK", Name: "Story taps back", Formula: "taps to the part before, as delivered", Unit: "n", Type: Count, Caveat: "told for 24 hours, from 5 viewers on"},
	{ID: "M-STNEXT", Name: "Swipes to the next story", Formula: "as delivered", Unit: "n", Type: Count, Caveat: "told for 24 hours, from 5 viewers on"},
	{ID: "M-STEX", Name: "Story exits", Formula: "people who left the stories, as delivered", Unit: "n", Type: Count, Caveat: "told for 24 hours, from 5 viewers on"},
	{ID: "M-STREP", Name: "Story replies", Formula: "as delivered", Unit: "n", Type: Count, Caveat: "told for 24 hours"},
	{ID: "M-ENG", Name: "Engagements", Formula: "likes + comments + shares + saves where delivered", Unit: "n", Type: Count, Caveat: "compare only with the same definition"},
	{ID: "M-ER-IMPR", Name: "Engagement rate by impressions", Formula: "Σ engagements ÷ Σ impressions of the same posts", Unit: "%", Type: Ratio, Over: "M-ENG", Under: "M-IMPR"},
	{ID: "M-ER-REACH", Name: "Engagement rate by reach", Formula: "Σ engagements ÷ Σ per-post reach of the same posts", Unit: "%", Type: Ratio, Over: "M-ENG", Under: "M-REACH", Caveat: "per-post reach is summed as a denominator only"},
	{ID: "M-ER-FOLL", Name: "Engagement rate by followers", Formula: "Σ engagements ÷ Σ followers on the publish day", Unit: "%", Type: Ratio, Over: "M-ENG", Under: "M-FOLL"},
	{ID: "M-APPL", Name: "Applause", Formula: "likes ÷ posts", Unit: "x", Type: Ratio, Over: "M-LIKE", Under: "M-POSTS"},
	{ID: "M-CONV", Name: "Conversation", Formula: "comments ÷ posts", Unit: "x", Type: Ratio, Over: "M-COMM", Under: "M-POSTS"},
	{ID: "M-AMPL", Name: "Amplification", Formula: "shares ÷ posts", Unit: "x", Type: Ratio, Over: "M-SHARE", Under: "M-POSTS"},
	{ID: "M-VIRAL", Name: "Virality", Formula: "Σ shares ÷ Σ impressions", Unit: "%", Type: Ratio, Over: "M-SHARE", Under: "M-IMPR"},
	{ID: "M-POSTS", Name: "Posts published", Formula: "targets the network accepted, and posts made outside Bellwether", Unit: "n", Type: Count, Caveat: "posts made outside are counted on networks that list them"},
	{ID: "M-ONTIME", Name: "On-time rate", Formula: "targets sent ≤ 60 s after their time ÷ targets sent", Unit: "%", Type: Ratio, Caveat: "what a person held is not counted"},
	{ID: "M-DELIV", Name: "Delivery success", Formula: "targets read back as live ÷ targets that were due", Unit: "%", Type: Ratio},
	{ID: "M-MSGIN", Name: "Inbound messages", Formula: "all inbound messages by the time the network gives", Unit: "n", Type: Count},
	{ID: "M-NEEDANS", Name: "Needing an answer", Formula: "inbound conversations − dismissed", Unit: "n", Type: Count},
	{ID: "M-RESPRATE", Name: "Response rate", Formula: "answered ÷ needing an answer, by inbound date", Unit: "%", Type: Ratio},
	{ID: "M-FRT", Name: "First response time", Formula: "first human answer − first inbound message; median and mean", Unit: "s", Type: Duration, Caveat: "all hours; unanswered ones are counted beside it"},
	{ID: "M-REPLY", Name: "Reply time", Formula: "each inbound message → next human answer; median and mean", Unit: "s", Type: Duration},
	{ID: "M-BACKLOG", Name: "Open items", Formula: "conversations that are new or open now", Unit: "n", Type: State},
	{ID: "M-CLICK", Name: "Clicks", Formula: "human follows of own short links, first per visitor and link in 10 s", Unit: "n", Type: Count, Caveat: "bots and link previews are kept apart"},
	{ID: "M-VISIT", Name: "Visits", Formula: "sequences of events with gaps of at most 30 minutes", Unit: "n", Type: Count},
	{ID: "M-PV", Name: "Page views", Formula: "page view events", Unit: "n", Type: Count},
	{ID: "M-CONVN", Name: "Conversions", Formula: "valuable events by their counting rule", Unit: "n", Type: Count},
	{ID: "M-CVALUE", Name: "Conversion value", Formula: "Σ value of conversions", Unit: "cur", Type: Money},
	{ID: "M-CVR-V", Name: "Conversion rate by visits", Formula: "visits with a conversion ÷ visits", Unit: "%", Type: Ratio},
	{ID: "M-CLVIS", Name: "Click-to-visit gap", Formula: "1 − visits ÷ clicks", Unit: "%", Type: Ratio},
	{ID: "M-ORDERS", Name: "Orders", Formula: "orders by order date, once per shop and number", Unit: "n", Type: Count},
	{ID: "M-REV", Name: "Revenue", Formula: "paid order value without tax, by order date", Unit: "cur", Type: Money},
	{ID: "M-REFUND", Name: "Refunds", Formula: "refunded order value", Unit: "cur", Type: Money},
	{ID: "M-NETREV", Name: "Net revenue", Formula: "revenue − refunds", Unit: "cur", Type: Money},
	{ID: "M-AOV", Name: "Order value", Formula: "net revenue ÷ orders", Unit: "cur", Type: Ratio, Over: "M-NETREV", Under: "M-ORDERS"},
}

var byID = func() map[string]Definition {
	m := map[string]Definition{}
	for _, d := range Dictionary {
		m[d.ID] = d
	}
	return m
}()

// Define returns the dictionary's entry; an unknown id answers with a Definition that says so.
func Define(metricID string) Definition {
	if d, ok := byID[metricID]; ok {
		return d
	}
	return Definition{ID: metricID, Name: metricID, Formula: "not in the dictionary"}
}

// Known reports whether the dictionary has the metric.
func Known(metricID string) bool { _, ok := byID[metricID]; return ok }
