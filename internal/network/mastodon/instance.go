package mastodon

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	batchVersion  = 2 // Mastodon 4.3: several statuses in one call
	quotesVersion = 7 // Mastodon 4.5: quote policies
)

// software is the name of the server's program in lower case, "" when it would not say.
func software(a network.Account) string { return a.Extra["software"] }

// honoursKey reports whether the server is proved to recognise a repeated Idempotency-Key: Mastodon and Hometown, a
// fork that keeps this part. GoToSocial ignores the key, and of others nobody has shown it.
func honoursKey(a network.Account) bool {
	return slices.Contains([]string{"mastodon", "hometown"}, software(a))
}

// readsMarkup reports whether the server may read a text as Markdown unless it is told not to.
func readsMarkup(a network.Account) bool {
	return slices.Contains([]string{"gotosocial", "pleroma", "akkoma"}, software(a))
}

// instance is what a server says of itself, of both versions of that document.
type instance struct {
	Domain      string `json:"domain"`
	URI         string `json:"uri"` // version 1: the domain
	Version     string `json:"version"`
	SourceURL   string `json:"source_url"`
	APIVersions struct {
		Mastodon int `json:"mastodon"`
	} `json:"api_versions"`
	MaxTootChars  int `json:"max_toot_chars"` // Pleroma
	Configuration struct {
		Statuses struct {
			MaxCharacters int `json:"max_characters"`
			MaxMedia      int `json:"max_media_attachments"`
			PerURL        int `json:"characters_reserved_per_url"`
		} `json:"statuses"`
		Media struct {
			Types       []string `json:"supported_mime_types"`
			Description int      `json:"description_limit"`
			ImageSize   int64    `json:"image_size_limit"`
			ImageMatrix int64    `json:"image_matrix_limit"`
			VideoSize   int64    `json:"video_size_limit"`
			VideoMatrix int64    `json:"video_matrix_limit"`
		} `json:"media_attachments"`
		Polls struct {
			Options    int   `json:"max_options"`
			Characters int   `json:"max_characters_per_option"`
			Min        int64 `json:"min_expiration"`
			Max        int64 `json:"max_expiration"`
		} `json:"polls"`
	} `json:"configuration"`
}

func (i instance) limits() network.Limits {
	c := i.Configuration
	types := slices.Clone(c.Media.Types)
	slices.Sort(types)
	return network.Limits{
		Characters: cmp.Or(c.Statuses.MaxCharacters, i.MaxTootChars), CharactersURL: c.Statuses.PerURL, Media: c.Statuses.MaxMedia,
		ImageBytes: c.Media.ImageSize, ImagePixels: c.Media.ImageMatrix, VideoBytes: c.Media.VideoSize, VideoPixels: c.Media.VideoMatrix,
		AltCharacters: c.Media.Description, MIMETypes: slices.Compact(types),
		PollOptions: c.Polls.Options, PollOptionChars: c.Polls.Characters, PollMinSeconds: c.Polls.Min, PollMaxSeconds: c.Polls.Max,
	}
}

// about asks a server what it is: limits, software and version.
func (s server) about(ctx context.Context) (instance, map[string]string, error) {
	var i instance
	_, err := s.get(ctx, "/api/v2/instance", nil, &i)
	if err != nil || i.Version == "" {
		i = instance{}
		if _, err1 := s.get(ctx, "/api/v1/instance", nil, &i); err1 != nil {
			return i, nil, cmp.Or(err, err1)
		}
	}
	if i.Version == "" {
		return i, nil, fault.Rejectedf("this server does not speak Mastodon's API")
	}
	name, version := s.nodeInfo(ctx)
	if name == "" {
		name, version = guess(i)
	}
	extra := map[string]string{"software": name, "version": cmp.Or(version, i.Version)}
	if i.APIVersions.Mastodon > 0 {
		extra["api"] = strconv.Itoa(i.APIVersions.Mastodon)
	}
	if host := cmp.Or(i.Domain, strings.TrimPrefix(i.URI, "https://")); host != "" && !strings.ContainsAny(host, "/ ") {
		extra["domain"] = host
	}
	return i, extra, nil
}

// nodeInfo asks for the program's name at the place made for it; "" when the server has none or names another host.
func (s server) nodeInfo(ctx context.Context) (name, version string) {
	var links struct {
		Links []struct {
			Rel  string `json:"rel"`
			Href string `json:"href"`
		} `json:"links"`
	}
	if _, err := (server{http: s.http, base: s.base}).get(ctx, "/.well-known/nodeinfo", nil, &links); err != nil {
		return "", ""
	}
	for _, l := range slices.Backward(links.Links) { // the newest schema stands last
		u, err := url.Parse(l.Href)
		if err != nil || !strings.Contains(l.Rel, "nodeinfo.diaspora.software") {
			continue
		}
		var info struct {
			Software struct{ Name, Version string } `json:"software"`
		}
		if _, err := s.http.JSON(ctx, http.MethodGet, u.String(), nil, nil, &info); err == nil && info.Software.Name != "" {
			return strings.ToLower(info.Software.Name), info.Software.Version
		}
	}
	return "", ""
}

var compatible = regexp.MustCompile(`\(compatible; (\w+) ([^)]*)\)`)

// guess reads the version string where there is no NodeInfo: forks name themselves in it, Mastodon does not. A bare
// version proves nothing and stays without a name.
func guess(i instance) (name, version string) {
	if m := compatible.FindStringSubmatch(i.Version); m != nil {
		return strings.ToLower(m[1]), m[2]
	}
	if strings.Contains(strings.ToLower(i.Version+i.SourceURL), "gotosocial") {
		return "gotosocial", i.Version
	}
	return "", i.Version
}
