package linkedin

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
)

const (
	partTime = 10 * time.Minute // for one part on a slow line
	patience = 5 * time.Second  // between two looks at a file that is processed
)

// slot is where LinkedIn wants a file.
type slot struct {
	Value struct {
		Image        string    `json:"image"`
		Document     string    `json:"document"`
		Video        string    `json:"video"`
		UploadURL    string    `json:"uploadUrl"`
		Token        string    `json:"uploadToken"`
		Instructions []stretch `json:"uploadInstructions"`
	} `json:"value"`
}

// stretch is a part of a file, first and last byte included.
type stretch struct {
	URL   string `json:"uploadUrl"`
	First int64  `json:"firstByte"`
	Last  int64  `json:"lastByte"`
}

// upload sends one file: it is announced, sent, and for videos put together.
func (s server) upload(ctx context.Context, m network.Media, resource string) (network.Outcome, error) {
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	ask := map[string]any{"owner": s.me.ID}
	if resource == "videos" {
		ask["fileSizeBytes"], ask["uploadCaptions"], ask["uploadThumbnail"] = m.Bytes, false, false
	}
	var to slot
	if _, err := s.repeat(ctx, http.MethodPost, "/rest/"+resource+"?action=initializeUpload", "", map[string]any{"initializeUploadRequest": ask}, &to); err != nil {
		return network.Outcome{}, about(err, "media")
	}
	urn := cmp.Or(to.Value.Image, cmp.Or(to.Value.Document, to.Value.Video))
	if urn == "" || to.Value.UploadURL == "" && len(to.Value.Instructions) == 0 {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "LinkedIn did not say where the file goes"}
	}
	if resource == "videos" {
		err = s.sendVideo(ctx, to, body)
	} else {
		size := m.Bytes
		if size <= 0 {
			size = -1
		}
		_, err = s.put(ctx, to.Value.UploadURL, io.Reader(body), size, m.MIME)
	}
	if err != nil {
		return network.Outcome{}, about(err, "media")
	}
	o := network.Outcome{RemoteID: urn}
	if resource != "images" { // a picture can be used at once
		o.Pending, o.Wait = true, patience
	}
	return o, nil
}

// sendVideo sends the parts in order and puts them together by their marks.
func (s server) sendVideo(ctx context.Context, to slot, body io.Reader) error {
	parts, sent := to.Value.Instructions, []string{}
	slices.SortFunc(parts, func(a, b stretch) int { return cmp.Compare(a.First, b.First) })
	for _, p := range parts {
		size := p.Last - p.First + 1
		mark, err := s.put(ctx, p.URL, io.LimitReader(body, size), size, "application/octet-stream")
		if err != nil {
			return err
		}
		sent = append(sent, mark)
	}
	_, err := s.repeat(ctx, http.MethodPost, "/rest/videos?action=finalizeUpload", "", map[string]any{"finalizeUploadRequest": map[string]any{
		"video": to.Value.Video, "uploadToken": to.Value.Token, "uploadedPartIds": sent}}, nil)
	return err
}

// put sends bytes to an address LinkedIn gave. The token goes only to LinkedIn's own hosts.
func (s server) put(ctx context.Context, address string, body io.Reader, size int64, mime string) (mark string, err error) {
	header := http.Header{}
	if s.ours(address) {
		header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := s.http.WithTimeout(partTime).Send(ctx, http.MethodPut, address, header, body, size, mime, nil)
	if err != nil {
		return "", again(explain(resp, err))
	}
	return resp.Header.Get("Etag"), nil
}

func (s server) ours(address string) bool {
	u, err := url.Parse(address)
	base, err2 := url.Parse(s.base)
	return err == nil && err2 == nil && (u.Host == base.Host || u.Scheme == "https" && strings.HasSuffix(u.Hostname(), ".linkedin.com"))
}

// poll asks whether a file can be used. Members' files may not be looked at: then the post itself will tell.
func (s server) poll(ctx context.Context, resource string, before network.Outcome) (network.Outcome, error) {
	var file struct {
		Status string `json:"status"`
	}
	_, err := s.get(ctx, "/rest/"+resource+"/"+escape(before.RemoteID), "", &file)
	if fault.As(err).Code == "forbidden" && !listable(s.me) {
		return network.Outcome{RemoteID: before.RemoteID}, nil
	}
	if err != nil {
		return network.Outcome{}, about(refused(err, "LinkedIn lost the file while processing it; send the post again."), "media")
	}
	switch file.Status {
	case "PROCESSING_FAILED":
		return network.Outcome{}, about(fault.Rejectedf("LinkedIn could not process the file").WithCode("media_processing").WithHint("Convert the file, or use another one."), "media")
	case "PROCESSING", "WAITING_UPLOAD":
		return network.Outcome{RemoteID: before.RemoteID, Pending: true, Wait: patience}, nil
	}
	return network.Outcome{RemoteID: before.RemoteID}, nil
}
