package youtube

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	chunk     = 8 << 20         // bytes of one call, a multiple of 256 KiB
	chunkTime = 3 * time.Minute // for one call on a slow line
	atOnce    = 90 * time.Second
)

// open announces a video and opens the session its file is sent into. Nothing is made by it.
func (c caller) open(ctx context.Context, s network.Session, p payload) (network.Outcome, error) {
	q := values("uploadType", "resumable", "part", parts(*p.Video))
	if p.Quiet {
		q.Set("notifySubscribers", "false")
	}
	h := c.header()
	h.Set("X-Upload-Content-Type", p.MIME)
	h.Set("X-Upload-Content-Length", strconv.FormatInt(p.Bytes, 10))
	resp, err := c.http.JSON(ctx, http.MethodPost, address(c.data, "/upload/youtube/v3/videos", q), h, p.Video, nil)
	if err != nil {
		return network.Outcome{}, again(refused(explain(resp, err), "Check the channel."))
	}
	where := resp.Header.Get("Location")
	if !c.own(where) {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Message: "YouTube opened an upload without saying where to send it"}
	}
	return network.Outcome{Data: map[string]string{"session": seal(s, where)}, ExpiresAt: resp.At.UTC().Add(sessionLife)}, nil
}

// parts are the parts of a video that a call sets.
func parts(v video) string {
	if v.Paid != nil {
		return "snippet,status,paidProductPlacementDetails"
	}
	return "snippet,status"
}

// own reports whether an upload's address is one of Google's (or of what stands in for it): the token goes there.
func (c caller) own(where string) bool {
	u, err := url.Parse(where)
	home, _ := url.Parse(c.data)
	if err != nil || u.Host == "" || u.Scheme != home.Scheme {
		return false
	}
	return u.Host == home.Host || c.data == data && strings.HasSuffix(u.Host, ".googleapis.com")
}

// progress is what a session says of itself.
type progress struct {
	offset int64  // bytes it has
	made   string // the video it made, once it has them all
	gone   bool   // there is no such session (any more)
	at     time.Time
}

// ask asks a session how far it got. Asking is harmless.
func (c caller) ask(ctx context.Context, session string, total int64) (progress, error) {
	h := c.header()
	h.Set("Content-Range", fmt.Sprintf("bytes */%d", total))
	var v video
	resp, err := c.http.Send(ctx, http.MethodPut, session, h, http.NoBody, 0, "", &v)
	return c.answered(resp, v, again(err))
}

// answered reads a session's answer. A refusal to tell is no refusal of the video: it may be there.
func (c caller) answered(resp *safehttp.Response, v video, err error) (progress, error) {
	if resp == nil {
		return progress{}, err
	}
	p := progress{at: resp.At, made: v.ID}
	switch {
	case resp.Status == http.StatusPermanentRedirect: // Google's "resume incomplete"
		p.offset = received(resp.Header.Get("Range"))
		return p, nil
	case resp.Status == http.StatusNotFound || resp.Status == http.StatusGone:
		p.gone = true
		return p, nil
	case err == nil && v.ID == "":
		return p, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "YouTube answered without saying which video it made"}
	}
	return p, explain(resp, err)
}

// received reads "bytes=0-999" as 1000; without the header nothing was received.
func received(header string) int64 {
	_, last, ok := strings.Cut(strings.TrimPrefix(header, "bytes="), "-")
	n, err := strconv.ParseInt(last, 10, 64)
	if !ok || err != nil || n < 0 {
		return 0
	}
	return n + 1
}

// send sends what the session lacks, chunk by chunk, for a minute and a half; then the journal takes note and calls
// again. Only the last chunk makes the video: what goes wrong before it is tried again later.
func (c caller) send(ctx context.Context, s network.Session, m network.Media, p payload, earlier network.Outcomes) (network.Outcome, error) {
	session := unseal(s, earlier[openSession].Data["session"])
	if session == "" || !c.own(session) {
		return network.Outcome{}, fault.Rejectedf("there is no upload session for this video").WithHint("Send the post again.")
	}
	now, err := c.ask(ctx, session, p.Bytes)
	if fault.Is(err, fault.Rejected) {
		err = &fault.Error{Kind: fault.Unknown, Code: "no_answer", Message: "YouTube does not say whether the video has arrived", Cause: err}
	}
	if err != nil || now.made != "" {
		return sent(now.made, p, m), err
	}
	begun := now.at
	if now.gone {
		return network.Outcome{}, lost()
	}
	if m.Open == nil {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened")
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the video to upload")
	}
	defer body.Close()
	if err := skip(body, now.offset); err != nil {
		return network.Outcome{}, fault.Wrap(fault.Later, err, "read the video to upload")
	}
	for now.offset < p.Bytes {
		from, n := now.offset, min(chunk, p.Bytes-now.offset)
		last := from+n == p.Bytes
		if now, err = c.put(ctx, session, body, from, n, p); err != nil {
			if !last {
				err = again(err)
			}
			return network.Outcome{}, refused(field(err, "media"), "")
		}
		switch {
		case now.made != "":
			return sent(now.made, p, m), nil
		case now.gone:
			return network.Outcome{}, lost()
		case now.offset != from+n || now.at.Sub(begun) > atOnce:
			return network.Outcome{Pending: true, Wait: time.Millisecond}, nil // the session has less than was sent: ask it anew
		}
	}
	return network.Outcome{}, &fault.Error{Kind: fault.Unknown, Code: "bad_answer", Message: "YouTube has the whole video and does not say what became of it"}
}

func (c caller) put(ctx context.Context, session string, body io.Reader, from, n int64, p payload) (progress, error) {
	h := c.header()
	h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, from+n-1, p.Bytes))
	var v video
	resp, err := c.http.WithTimeout(chunkTime).Send(ctx, http.MethodPut, session, h, io.LimitReader(body, n), n, p.MIME, &v)
	return c.answered(resp, v, err)
}

// lost is a session that ended before it said what it made. Whether it made the video only the list of uploads can tell,
// so it is in doubt, never failed.
func lost() error {
	return &fault.Error{Kind: fault.Unknown, Code: "session_gone", Message: "the upload session has ended without saying whether the video is complete"}
}

func skip(body io.Reader, n int64) error {
	if n == 0 {
		return nil
	}
	if s, ok := body.(io.Seeker); ok {
		_, err := s.Seek(n, io.SeekStart)
		return err
	}
	_, err := io.CopyN(io.Discard, body, n)
	return err
}

// sent is the outcome of a complete upload: the video exists, and is pending until it is processed.
func sent(id string, p payload, m network.Media) network.Outcome {
	if id == "" {
		return network.Outcome{}
	}
	o := outcome(id, p)
	o.Data["sha256"] = m.SHA256
	o.Pending, o.Wait = true, 5*time.Second
	return o
}

func outcome(id string, p payload) network.Outcome {
	where := watch(id)
	if p.Short {
		where = "https://www.youtube.com/shorts/" + id
	}
	o := network.Outcome{RemoteID: id, URL: where, Data: map[string]string{"video": id}}
	if p.Thumbnail != "" {
		o.Data["thumbnail"] = p.Thumbnail
	}
	return o
}

func watch(id string) string { return "https://www.youtube.com/watch?v=" + url.QueryEscape(id) }

// field says which field of the form a refusal is about.
func field(err error, name string) error {
	if !fault.Is(err, fault.Rejected) || fault.As(err).Field != "" {
		return err
	}
	f := *fault.As(err)
	f.Field = name
	return &f
}

// seal closes a session's address with a key that only who holds the registered application and the account's grant can
// make: outcomes are stored in plain text.
func seal(s network.Session, address string) string {
	box, nonce := cryptor(s), make([]byte, 12)
	_, _ = rand.Read(nonce) // never fails
	return base64.RawStdEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(address), nil))
}

// unseal returns "" for what was closed with another key.
func unseal(s network.Session, closed string) string {
	raw, err := base64.RawStdEncoding.DecodeString(closed)
	if err != nil || len(raw) < 12 {
		return ""
	}
	plain, err := cryptor(s).Open(nil, raw[:12], raw[12:], nil)
	if err != nil {
		return ""
	}
	return string(plain)
}

func cryptor(s network.Session) cipher.AEAD {
	raw, _ := json.Marshal([]string{"upload session", s.App["client_secret"], s.Account.ID}) // plain data: cannot fail
	key := sha256.Sum256(raw)
	block, _ := aes.NewCipher(key[:]) // 32 bytes: cannot fail
	box, _ := cipher.NewGCM(block)
	return box
}
