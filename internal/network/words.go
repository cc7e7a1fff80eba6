package network

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// Account is one page, profile or account as the network describes it. It holds no secret.
type Account struct {
	ID        string            `json:"id"`     // the network's own id, stable under renaming
	Handle    string            `json:"handle"` // as people write it, without a leading @
	Name      string            `json:"name"`
	URL       string            `json:"url"`
	AvatarURL string            `json:"avatar_url,omitempty"`
	Server    string            `json:"server,omitempty"` // base URL of the instance, PDS or relay
	Followers int64             `json:"followers,omitempty"`
	Limits    Limits            `json:"limits"`
	Extra     map[string]string `json:"extra,omitempty"`
	// Choices are the account's own options of the settings that are Live (boards, flairs, playlists), as it was last
	// checked.
	Choices map[string][]Option `json:"choices,omitempty"`
}

// Limits are what this account may do at its server; zero means the Spec's fallback.
type Limits struct {
	Characters      int      `json:"characters,omitempty"`
	CharactersURL   int      `json:"characters_url,omitempty"` // what every link counts, 0 = its own length
	Media           int      `json:"media,omitempty"`
	ImageBytes      int64    `json:"image_bytes,omitempty"`
	ImagePixels     int64    `json:"image_pixels,omitempty"`
	VideoBytes      int64    `json:"video_bytes,omitempty"`
	VideoPixels     int64    `json:"video_pixels,omitempty"` // of one frame
	AltCharacters   int      `json:"alt_characters,omitempty"`
	MIMETypes       []string `json:"mime_types,omitempty"`
	PollOptions     int      `json:"poll_options,omitempty"`
	PollOptionChars int      `json:"poll_option_chars,omitempty"`
	PollMinSeconds  int64    `json:"poll_min_seconds,omitempty"`
	PollMaxSeconds  int64    `json:"poll_max_seconds,omitempty"`
}

// Grant is what authorises calls. Values are secrets; it is stored sealed, never logged or shown.
type Grant struct {
	Values    map[string]string `json:"values"`
	Scopes    []string          `json:"scopes,omitempty"`
	ExpiresAt time.Time         `json:"expires_at,omitzero"` // UTC; zero = does not expire as far as the network says
}

// Session is everything a call needs: the account, its grant, the one outgoing client and, for networks with a
// registered application, its values.
type Session struct {
	Account Account
	Grant   Grant
	App     map[string]string // by AppSpec.Fields key; secrets
	HTTP    *safehttp.Client
}

// ConnectRequest starts a sign-in. State and Verifier are made and kept by the caller (one use, ten minutes).
type ConnectRequest struct {
	Server      string // typed by the person where the network has many servers
	RedirectURL string
	State       string
	Challenge   string // PKCE S256 challenge of the caller's verifier
	Verifier    string
	AppName     string
	AppURL      string
	App         map[string]string // the registered application's values, by AppSpec.Fields key
}

// ConnectRedirect is where to send the person, and what Finish needs again (kept sealed by the caller).
type ConnectRedirect struct {
	URL  string
	Keep map[string]string
}

// Draft is one post for one account, complete and final.
type Draft struct {
	Key          string // the delivery's id: source of every natural key
	Parts        []Part // the post, then the thread's further parts
	FirstComment *Part
	Language     string            // BCP 47, "" = unknown
	Settings     map[string]string // by Setting.Key; absent = the setting's default
	At           time.Time         // planned instant, UTC: source of time-ordered keys
}

// Part is one unit of a multi-part publication.
type Part struct {
	Text  string
	Media []Media
	Poll  *Poll
	Card  *Card
	// Mentions maps a mention as written ("@ann.example.org") to the network's id of that account; a mention
	// that is not in the map stays plain text.
	Mentions map[string]string
}

// Media is one file as it will be sent (a rendition, not the original).
type Media struct {
	ID       string                                       `json:"id"`
	Kind     MediaKind                                    `json:"kind"`
	MIME     string                                       `json:"mime"`
	Bytes    int64                                        `json:"bytes"`
	Width    int                                          `json:"width,omitempty"`
	Height   int                                          `json:"height,omitempty"`
	Duration time.Duration                                `json:"duration,omitempty"`
	Pages    int                                          `json:"pages,omitempty"` // of a Document, where it says
	SHA256   string                                       `json:"sha256"`
	Alt      string                                       `json:"alt,omitempty"`
	FocusX   float64                                      `json:"focus_x,omitempty"` // −1 left … 1 right
	FocusY   float64                                      `json:"focus_y,omitempty"` // −1 bottom … 1 top
	Open     func(context.Context) (io.ReadCloser, error) `json:"-"`
	Captions []Caption                                    `json:"captions,omitempty"` // of a Video, one for each language
	// Address is where a network may fetch the file for the next day, for those that take no upload. The journal fills
	// it in with Open; it is empty where this installation has no public address.
	Address string `json:"-"`
}

// Caption is a video's captions in one language, in both usual formats.
type Caption struct {
	Language string `json:"language"` // BCP 47
	VTT      Media  `json:"vtt"`
	SRT      Media  `json:"srt"`
}

// MediaKind is what a file is, by its content.
type MediaKind string

const (
	Image MediaKind = "image"
	GIF   MediaKind = "gif"
	Video MediaKind = "video"
	Audio MediaKind = "audio"
	// Document is a PDF or an office file.
	Document MediaKind = "document"
	// Captions is a file of captions, a step of its own beside its video's.
	Captions MediaKind = "captions"
)

// Poll asks a question with fixed answers.
type Poll struct {
	Options    []string      `json:"options"`
	Duration   time.Duration `json:"duration"`
	Multiple   bool          `json:"multiple,omitempty"`
	HideTotals bool          `json:"hide_totals,omitempty"`
}

// Card is a link preview.
type Card struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Thumb       *Media `json:"thumb,omitempty"`
}

// StepKind says what may be done when a step's answer is lost (DESIGN §5).
type StepKind string

const (
	Repeatable StepKind = "repeatable" // do it again
	Keyed      StepKind = "keyed"      // send again with the same key, or look the key up
	Findable   StepKind = "findable"   // look it up, then decide
	Once       StepKind = "once"       // never again by itself: a person decides
	ByHand     StepKind = "by_hand"    // no call at all: a person carries it out and says so
)

// Step is one call of a delivery. It is stored before it runs; Payload must be enough to run it after a restart.
type Step struct {
	Name    string          `json:"name"` // unique in its plan: "media-1", "post", "part-2", "comment"
	Part    int             `json:"part"` // index into Draft.Parts; the first comment is len(Parts)
	Kind    StepKind        `json:"kind"`
	Public  bool            `json:"public"` // true for the one call whose success makes the part public
	Key     string          `json:"key,omitempty"`
	KeyLife time.Duration   `json:"key_life,omitempty"` // Keyed: how long after the call a resend with the same key is safe; 0 = for ever
	Media   *Media          `json:"media,omitempty"`    // the file this step sends; the journal fills in Open and Address
	Files   []Media         `json:"files,omitempty"`    // the files, where one call takes several; filled in likewise
	Payload json.RawMessage `json:"payload,omitempty"`
	Fetched bool            `json:"fetched,omitempty"` // the network fetches the files itself: it must be able to reach us
}

// Outcome is what a step achieved.
type Outcome struct {
	RemoteID string            `json:"remote_id,omitempty"`
	URL      string            `json:"url,omitempty"`
	Data     map[string]string `json:"data,omitempty"` // whatever later steps need (cid, media id, blob)
	// Pending: accepted but not finished; run the step again (it polls) after Wait.
	Pending   bool          `json:"pending,omitempty"`
	Wait      time.Duration `json:"wait,omitempty"`
	Until     time.Time     `json:"until,omitzero"`      // with Pending: the network holds it until then, and is not slow before (UTC)
	ExpiresAt time.Time     `json:"expires_at,omitzero"` // an unused upload is gone after this instant
}

// Outcomes are the outcomes of a delivery's steps by step name.
type Outcomes map[string]Outcome

// Finding is the answer of a look-up.
type Finding string

const (
	Found   Finding = "found"
	Absent  Finding = "absent"   // proved: it does not exist and cannot appear any more
	NotSeen Finding = "not_seen" // not there now; proves nothing
)

// Level grades a Problem: an Error cannot be scheduled, a Warning can, a Hint is advice.
type Level string

const (
	Error   Level = "error"
	Warning Level = "warning"
	Hint    Level = "hint"
)

// Problem is one finding of the rule check, worded for the person who writes.
type Problem struct {
	Level   Level  `json:"level"`
	Code    string `json:"code"`  // "text_too_long", "media_too_many", …
	Field   string `json:"field"` // "text", "media", "poll", "settings.visibility", …
	Part    int    `json:"part"`
	Message string `json:"message"` // what is wrong, the value and the limit
	Fix     string `json:"fix,omitempty"`
}

// Count is a text's length as the network counts it.
type Count struct {
	Used, Limit int
	Unit        string // "characters", "graphemes", …
}

// Price is what a publication costs at the network.
type Price struct {
	Micros   int64  // millionths of Currency; 0 = nothing
	Currency string // ISO 4217
	Why      string // what is charged, in words: "2 posts at $0.015"
}

// Remote names a published item at its network.
type Remote struct {
	ID   string            `json:"id"`
	URL  string            `json:"url,omitempty"`
	Data map[string]string `json:"data,omitempty"`
}

// Live is an item as the network shows it now.
type Live struct {
	Remote
	Exists     bool
	Text       string // plain text
	MediaCount int
	Visibility string
	At         time.Time // UTC
	ReplyTo    string    // remote id of the parent, "" for a post of its own
	Closed     bool      // no publication: only its author, or the persons it names, can see it
}
