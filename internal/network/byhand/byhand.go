// Package byhand is the network of everything that lets no program publish: personal profiles, groups, community posts,
// live streams elsewhere. A channel of it is an account that a person publishes on; Bellwether plans, reminds, hands
// over text and files, and keeps the record (C15). It makes no call to anybody.
package byhand

import (
	"context"
	"net/url"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

// ByHand is the network. It holds no state.
type ByHand struct{}

// New returns the network.
func New() ByHand { return ByHand{} }

// Spec describes the network.
func (ByHand) Spec() network.Spec {
	return network.Spec{
		Audience: network.AudienceSpec{None: "Nothing is connected that could be asked."},
		Key:      "byhand", Name: "By hand", Summary: "A profile, group or page anywhere that lets no program publish. At the time, a person gets the text, the files and a checklist.",
		Limits: network.Limits{Characters: 63206, Media: 35, ImageBytes: 100 << 20, VideoBytes: 4 << 30},
		Unit:   "characters as people see them", Threads: true, FirstComment: true, MaxVideos: 35, MixedMedia: true,
		SignIn: network.SignIn{Help: "Nothing is connected: Bellwether only remembers where the person is to publish.",
			Fields: []network.Field{
				{Key: "name", Label: "Name", Placeholder: "Nordlys Coffee group on Facebook", Required: true},
				{Key: "address", Label: "Address", Hint: "Where the person opens it.", Placeholder: "https://www.facebook.com/groups/…", Required: true}}},
		Windows: []network.Window{{Words: "Messages are not read."}},
		Cannot: []network.Cannot{
			{What: "Publish, read back, answer and measure", Why: "The place lets no program in.", Instead: "Confirm with the post's address; short links count its visits and orders."}},
		Proof: "A person confirms, with the post's address. Who does not confirm is reminded after 15 minutes and asked for a decision after an hour.",
	}
}

// SignIn remembers the account.
func (ByHand) SignIn(_ context.Context, _ *safehttp.Client, fields map[string]string) (network.Grant, []network.Account, error) {
	name, address := strings.TrimSpace(fields["name"]), strings.TrimSpace(fields["address"])
	if name == "" || len(name) > 100 {
		return network.Grant{}, nil, fault.Invalidf("name", "give it a name of at most 100 characters")
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return network.Grant{}, nil, fault.Invalidf("address", "write its address, beginning with https://")
	}
	u.Fragment = ""
	id := strings.TrimSuffix(strings.ToLower(u.Host)+u.Path, "/")
	if u.RawQuery != "" {
		id += "?" + u.RawQuery
	}
	return network.Grant{}, []network.Account{{ID: id, Handle: id, Name: name, URL: u.String(), Server: u.Scheme + "://" + u.Host}}, nil
}
