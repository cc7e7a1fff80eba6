package linkedin

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/network"
)

const page = 50

// paged asks for one page of a list.
func paged(start int) string { return "&start=" + strconv.Itoa(start) + "&count=" + strconv.Itoa(page) }

// post is a post as the API shows it.
type post struct {
	ID         string `json:"id"`
	Author     string `json:"author"`
	Commentary string `json:"commentary"` // in LinkedIn's notation
	Visibility string `json:"visibility"`
	Created    int64  `json:"createdAt"` // milliseconds
	Published  int64  `json:"publishedAt"`
	Content    struct {
		Media *struct {
			ID string `json:"id"`
		} `json:"media"`
		Several *struct {
			Images []struct {
				ID string `json:"id"`
			} `json:"images"`
		} `json:"multiImage"`
		Poll *struct {
			Question string `json:"question"`
		} `json:"poll"`
		Article *struct {
			Source string `json:"source"`
		} `json:"article"`
	} `json:"content"`
	Reshare *struct {
		Parent string `json:"parent"`
	} `json:"reshareContext"`
}

func (p post) when() int64 { return cmp.Or(p.Published, p.Created) }

func (p post) files() int {
	switch c := p.Content; {
	case c.Several != nil:
		return len(c.Several.Images)
	case c.Media != nil:
		return 1
	}
	return 0
}

func (p post) outcome() network.Outcome {
	o := outcome(p.ID)
	if p.Content.Media != nil {
		o.Data = filmed(p.Content.Media.ID)
	}
	return o
}

func (p post) live() network.Live {
	o := p.outcome()
	return network.Live{Remote: network.Remote{ID: o.RemoteID, URL: o.URL, Data: o.Data}, Exists: true, Text: plain(p.Commentary), MediaCount: p.files(), Visibility: p.Visibility, At: at(p.when())}
}

// reply is a comment as the API shows it.
type reply struct {
	ID      string `json:"id"`
	URN     string `json:"commentUrn"`
	OldURN  string `json:"$URN"`
	Actor   string `json:"actor"`
	Object  string `json:"object"` // the activity it stands below
	Parent  string `json:"parentComment"`
	Created struct {
		Time int64 `json:"time"`
	} `json:"created"`
	Message struct {
		Text string `json:"text"`
	} `json:"message"`
}

func (c reply) urn() string {
	if urn := cmp.Or(c.URN, c.OldURN); urn != "" || c.ID == "" || c.Object == "" {
		return comment(urn)
	}
	return "urn:li:comment:(" + c.Object + "," + c.ID + ")"
}

// outcome of a comment below a post.
func (c reply) outcome(post string) network.Outcome {
	return network.Outcome{RemoteID: c.urn(), URL: commentURL(post, c.urn()), Data: map[string]string{"post": post}}
}

func commentURL(post, urn string) string {
	return outcome(post).URL + "?commentUrn=" + escape(urn)
}

// comment brings the URN of a comment into its one form: LinkedIn also writes (activity:1,2).
func comment(urn string) string {
	if rest, ok := strings.CutPrefix(urn, "urn:li:comment:("); ok && !strings.HasPrefix(rest, "urn:li:") {
		return "urn:li:comment:(urn:li:" + rest
	}
	return urn
}

// split takes the URN of a comment apart: what it stands below, and its number.
func split(urn string) (object, id string, ok bool) {
	rest, ok := strings.CutPrefix(comment(urn), "urn:li:comment:(")
	object, id, found := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
	return object, id, ok && found
}

// path of a comment; who acts stands in the query where LinkedIn wants it.
func path(object, id, actor string) string {
	p := "/rest/socialActions/" + escape(object) + "/comments/" + escape(id)
	if actor != "" {
		p += "?actor=" + escape(actor)
	}
	return p
}
