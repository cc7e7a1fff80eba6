package reddit

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	uploadTime = 30 * time.Minute // for the largest video on a slow line
	leaseLife  = 50 * time.Minute // an upload that nobody used is gone after about an hour
)

// upload asks Reddit for a place and sends the file there. That place is not Reddit's own: it never sees the account's
// token.
func (a api) upload(ctx context.Context, m network.Media) (network.Outcome, error) {
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	var lease struct {
		Args struct {
			Action string `json:"action"` // an address without its https:
			Fields []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"fields"`
		} `json:"args"`
		Asset struct {
			ID string `json:"asset_id"`
		} `json:"asset"`
	}
	name := "file" + extension(m.MIME)
	resp, err := a.http.Form(ctx, http.MethodPost, a.base+"/api/media/asset.json", a.header(), url.Values{"filepath": {name}, "mimetype": {m.MIME}}, &lease)
	if err != nil {
		return network.Outcome{}, again(field(refused(explain(resp, err), "media", "Use another file."), "media"))
	}
	to := lease.Args.Action
	if strings.HasPrefix(to, "//") {
		to = "https:" + to
	}
	if to == "" || lease.Asset.ID == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Field: "media", Message: "Reddit did not say where to send the file"}
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	var parts []safehttp.Part
	key := ""
	for _, f := range lease.Args.Fields {
		parts = append(parts, safehttp.Field(f.Name, f.Value))
		if f.Name == "key" {
			key = f.Value
		}
	}
	size := m.Bytes
	if size <= 0 {
		size = -1
	}
	parts = append(parts, safehttp.Part{Name: "file", Filename: name, ContentType: m.MIME, Body: body, Size: size}) // the file comes last
	stored, err := a.http.WithTimeout(uploadTime).Upload(ctx, http.MethodPost, to, nil, parts, nil)
	if err != nil {
		f := *fault.As(again(field(explain(stored, err), "media")))
		if stored != nil && stored.Status < 500 && stored.Status != http.StatusRequestEntityTooLarge && f.Kind != fault.Later {
			f.Kind, f.Message, f.Hint = fault.Rejected, "the place where Reddit takes files refused the file", "Send the post again, or use another file."
		}
		return network.Outcome{}, &f
	}
	return network.Outcome{Data: map[string]string{"asset": lease.Asset.ID, "url": to + "/" + key}, ExpiresAt: stored.At.UTC().Add(leaseLife)}, nil
}

func field(err error, name string) error {
	if err == nil {
		return nil
	}
	f := *fault.As(err)
	f.Field = cmp.Or(f.Field, name)
	return &f
}

func extension(mime string) string {
	return map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "video/mp4": ".mp4", "video/quicktime": ".mov"}[mime]
}
