package network

import (
	"slices"
	"time"
)

// Spec is a network's data: everything screens, forms, checks and documents are drawn from.
type Spec struct {
	Key     string // "mastodon"; never changes, stored in rows
	Name    string
	Summary string // one sentence for the connect screen
	Limits  Limits // fallback where the server tells nothing

	Unit         string // how text is counted, in words
	Threads      bool
	Polls        bool
	FirstComment bool
	MaxVideos    int
	MixedMedia   bool // images and video together
	ImageMIME    []string
	VideoMIME    []string
	Captions     bool     // takes caption files with a video
	DocumentMIME []string // files to page through or download; empty = takes none

	Settings []Setting
	SignIn   SignIn
	App      *AppSpec     // the application an operator registers first; nil where none is needed
	Metrics  []MetricName // what it delivers, under its own names
	Windows  []Window     // how long answers are possible
	History  []Depth      // how far back conversations are read on connecting, for networks with conversations
	Caps     []Cap        // how much it takes in a while, as far as it says (C28)
	Audience AudienceSpec // what it tells of the public
	Cannot   []Cannot     // what it can't do, why, and the alternative (INV-11)
	// ReadEvery is the shortest time between two readings of the inbox, where a network charges or counts them; 0 = as
	// often as the program likes.
	ReadEvery time.Duration
	Proof     string // how delivery is proved, in words
	Test      bool   // true for networks that reach nobody (sandbox)
}

// SignIn describes the connect form.
type SignIn struct {
	Fields []Field // typed values; for OAuth usually only the server
	Help   string
}

// AppSpec tells an operator which application to register with a network, once for a workspace.
type AppSpec struct {
	Portal string   // address of the network's developer site
	Steps  []string // what to do there, one sentence each; {callback} and {webhook} stand for our addresses
	Fields []Field  // what to copy back: usually client_id and client_secret
	Scopes []Scope
	Before string // what works before the network's review
	After  string // what needs the review
}

// Scope is one permission that is asked for, and why.
type Scope struct {
	Name, Why string
	Review    bool // granted to strangers' accounts only after the network's review
	Publish   bool // nothing can be published without this one, or another that is marked
}

// Field is one input of the connect form.
type Field struct {
	Key, Label, Hint, Placeholder string
	Secret, Required              bool
	Default                       string
}

// SettingKind decides the form control.
type SettingKind string

const (
	Choice  SettingKind = "choice"
	Text    SettingKind = "text"
	Toggle  SettingKind = "toggle"
	Number  SettingKind = "number"
	Several SettingKind = "several" // comma-separated choices
	Lines   SettingKind = "lines"   // a text of several lines
	Moment  SettingKind = "moment"  // an instant, RFC 3339 in UTC; people choose it in the channel's zone
)

// Setting is one per-target option of a network.
type Setting struct {
	Key     string
	Label   string
	Hint    string
	Kind    SettingKind
	Options []Option
	Live    bool // the options are the account's own: Account.Choices[Key]
	// Of is the key of the setting this one depends on: of the options only those are offered whose Of is that
	// setting's value (the sections of the chosen board). "" = depends on none.
	Of       string
	Default  string
	Required bool
	Max      int // longest text, or most choices
}

// Option is one allowed value.
type Option struct {
	Value, Label string
	Of           string `json:",omitempty"` // the value of the setting this one depends on that it belongs to; "" = any
}

// Offered returns the options that fit what the other settings are set to; value reads one of them by its key.
func (s Setting) Offered(value func(key string) string) []Option {
	if s.Of == "" {
		return s.Options
	}
	of := value(s.Of)
	return slices.DeleteFunc(slices.Clone(s.Options), func(o Option) bool { return o.Of != "" && o.Of != of })
}

// MetricName maps the network's own name of a number to our dictionary.
type MetricName struct{ ID, NetworkName, Note string }

// Cannot is one thing the network's API has not, said in place.
type Cannot struct{ What, Why, Instead string }

// Ability is one optional interface, by the word the screens use.
type Ability string

const (
	CanOAuth    Ability = "oauth"
	CanPassword Ability = "password"
	CanRefresh  Ability = "refresh"
	CanPublish  Ability = "publish"
	CanFind     Ability = "find"
	CanRead     Ability = "read_back"
	CanEdit     Ability = "edit"
	CanDelete   Ability = "delete"
	CanConverse Ability = "converse"
	CanAct      Ability = "act"
	CanPrivate  Ability = "private_reply"
	CanHistory  Ability = "history"
	CanMeasure  Ability = "measure"
	CanAudience Ability = "audience"
	CanSearch   Ability = "search_people"
	CanImport   Ability = "import"
	CanPrice    Ability = "price"
	CanHear     Ability = "webhooks"
)

// AbilitiesOf asks n which interfaces it implements. There is no other source of truth.
func AbilitiesOf(n Network) map[Ability]bool {
	has := map[Ability]bool{}
	_, has[CanOAuth] = n.(OAuthConnector)
	_, has[CanPassword] = n.(PasswordConnector)
	_, has[CanRefresh] = n.(Refresher)
	_, has[CanPublish] = n.(Publisher)
	_, has[CanFind] = n.(Prober)
	_, has[CanRead] = n.(Reader)
	_, has[CanEdit] = n.(Editor)
	_, has[CanDelete] = n.(Deleter)
	_, has[CanConverse] = n.(Converser)
	_, has[CanAct] = n.(Reactor)
	_, has[CanPrivate] = n.(PrivateReplier)
	_, has[CanHistory] = n.(Historian)
	_, has[CanMeasure] = n.(Measurer)
	_, has[CanAudience] = n.(AudienceReader)
	_, has[CanSearch] = n.(Directory)
	_, has[CanImport] = n.(Importer)
	_, has[CanPrice] = n.(Pricer)
	_, has[CanHear] = n.(WebhookReader)
	return has
}

// Kinds are the kinds of messages, in the order screens show.
var Kinds = []MessageKind{Comment, Mention, Direct, Review}

// WindowOf is how long a message of a kind can be answered; private asks for the one private answer. The zero Window
// stands for at any time.
func (s Spec) WindowOf(kind MessageKind, private bool) Window {
	for _, w := range s.Windows {
		if w.Private == private && w.Kind == kind && w.For > 0 {
			return w
		}
	}
	return Window{Kind: kind, Private: private}
}

// ActsOf lists what a network offers for messages of a kind; nil for one that offers nothing of that sort.
func ActsOf(n Network, kind MessageKind) []Act {
	if r, ok := n.(Reactor); ok {
		return r.Acts(kind)
	}
	return nil
}

// TestAccount marks, in Account.Extra, an account that only looks like one of its network.
const TestAccount = "test"

// Registry is the set of networks a program knows, in the order they are offered.
type Registry struct {
	list    []Network
	byKey   map[string]Network
	imitate func(Network) Network
}

// NewRegistry keeps the given networks; two with one key are a programming error and panic.
func NewRegistry(networks ...Network) *Registry {
	r := &Registry{byKey: map[string]Network{}}
	for _, n := range networks {
		key := n.Spec().Key
		if r.byKey[key] != nil {
			panic("network: two networks with the key " + key)
		}
		r.byKey[key] = n
		r.list = append(r.list, n)
	}
	return r
}

// All returns the networks in the order they are offered.
func (r *Registry) All() []Network { return r.list }

// Get returns the network with this key, or nil.
func (r *Registry) Get(key string) Network { return r.byKey[key] }

// Imitating sets what a workspace in test mode meets instead of a network.
func (r *Registry) Imitating(imitate func(Network) Network) *Registry {
	r.imitate = imitate
	return r
}

// Test returns the network with this key as a workspace in test mode meets it, or nil.
func (r *Registry) Test(key string) Network {
	n := r.byKey[key]
	if n == nil || r.imitate == nil {
		return n
	}
	return r.imitate(n)
}

// Of returns the network of an account: the real one, or its imitation for an account of a test. nil = unknown.
func (r *Registry) Of(key string, a Account) Network {
	if a.Extra[TestAccount] != "" {
		return r.Test(key)
	}
	return r.Get(key)
}

// For returns the spec as one account sees it: settings that are Live have the account's own choices, and what every
// channel offers is added.
func (s Spec) For(a Account) Spec {
	settings := make([]Setting, len(s.Settings))
	for i, set := range s.Settings {
		if own := a.Choices[set.Key]; set.Live && len(own) > 0 {
			set.Options = own
			if set.Kind == Choice && set.Default == "" && own[0].Value != "" {
				set.Options = append([]Option{{Value: "", Label: "Choose…"}}, own...)
			}
		}
		settings[i] = set
	}
	s.Settings = append(settings, byHand)
	return s
}

// IsOn reports whether the value of a Toggle is on, however a form, the API or an import spells it.
func IsOn(value string) bool { return slices.Contains([]string{"yes", "true", "on", "1"}, value) }
