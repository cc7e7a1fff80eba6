package snapchat

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

const (
	partTime  = 10 * time.Minute // for one part on a slow line
	mediaLife = 23 * time.Hour   // Snapchat forgets a media after a day
)

// upload encrypts a file with a key of its own and sends it in parts. It begins anew whenever it is repeated: a media
// that is not finished is forgotten after a day.
func (a api) upload(ctx context.Context, m network.Media) (network.Outcome, error) {
	if m.Open == nil || m.Bytes <= 0 {
		return network.Outcome{}, fault.Rejectedf("the file of this step cannot be opened, or its size is not known")
	}
	var secret [32]byte
	var iv [aes.BlockSize]byte
	_, _ = rand.Read(secret[:]) // never fails
	_, _ = rand.Read(iv[:])
	kind := "IMAGE"
	if m.Kind == network.Video {
		kind = "VIDEO"
	}
	out, resp, err := a.ask(ctx, http.MethodPost, a.base+mediaPath(a.profile), map[string]string{"type": kind, "name": "bellwether-" + m.SHA256[:min(16, len(m.SHA256))],
		"key": base64.StdEncoding.EncodeToString(secret[:]), "iv": base64.StdEncoding.EncodeToString(iv[:])})
	if err != nil {
		return network.Outcome{}, again(field(refused(err, "The profile is gone."), "media"))
	}
	id, add, finalize := out.Media, out.AddPath, out.FinalizePath
	if id == "" && len(out.Items) > 0 {
		id, add, finalize = out.Items[0].ID, out.Items[0].AddPath, out.Items[0].FinalizePath
	}
	add, finalize = relative(add), relative(finalize)
	if id == "" || add == "" || finalize == "" {
		return network.Outcome{}, &fault.Error{Kind: fault.Later, Code: "bad_answer", Field: "media", Message: "Snapchat did not say where to send the file"}
	}
	body, err := m.Open(ctx)
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.KindOf(err), err, "open the file to upload")
	}
	defer body.Close()
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		return network.Outcome{}, fault.Wrap(fault.Internal, err, "prepare the encryption")
	}
	whole := &encrypter{from: body, mode: cipher.NewCBCEncrypter(block, iv[:])}
	left := (m.Bytes/aes.BlockSize + 1) * aes.BlockSize // padded to a whole block, by at least one byte
	for n := 1; left > 0; n++ {
		if n > parts {
			f := fault.Rejectedf("the file does not fit into %d parts", parts)
			f.Field = "media"
			return network.Outcome{}, f
		}
		size := min(left, partSize)
		form := []safehttp.Part{safehttp.Field("action", "ADD"), safehttp.Field("part_number", strconv.Itoa(n)),
			{Name: "file", Filename: "part-" + strconv.Itoa(n), ContentType: "application/octet-stream", Body: io.LimitReader(whole, size), Size: size}}
		if err := a.form(ctx, a.base+add, form, partTime); err != nil {
			return network.Outcome{}, field(refused(err, "Send the post again."), "media")
		}
		left -= size
	}
	if err := a.form(ctx, a.base+finalize, []safehttp.Part{safehttp.Field("action", "FINALIZE")}, partTime); err != nil {
		return network.Outcome{}, field(refused(err, "Send the post again."), "media")
	}
	return network.Outcome{Data: map[string]string{"media": id}, ExpiresAt: resp.At.UTC().Add(mediaLife)}, nil
}

// relative returns a path at Snapchat's own host, "" for anything that would lead elsewhere: the token goes with it.
func relative(p string) string {
	p = "/" + strings.TrimLeft(p, "/")
	plain, query, has := strings.Cut(p, "?")
	if strings.ContainsAny(p, "\\\r\n#") || strings.Contains(p, "://") || path.Clean(plain) != plain || plain == "/" {
		return ""
	}
	if has {
		return plain + "?" + query
	}
	return plain
}

// encrypter reads a file as AES-256-CBC with PKCS#7 makes it.
type encrypter struct {
	from io.Reader
	mode cipher.BlockMode
	raw  [64 << 10]byte // whole blocks
	out  []byte
	end  bool
}

func (e *encrypter) Read(p []byte) (int, error) {
	for len(e.out) == 0 {
		if e.end {
			return 0, io.EOF
		}
		n, err := io.ReadFull(e.from, e.raw[:])
		chunk := e.raw[:n]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			e.end = true
			pad := aes.BlockSize - n%aes.BlockSize
			chunk = append(append(make([]byte, 0, n+pad), chunk...), make([]byte, pad)...)
			for i := n; i < len(chunk); i++ {
				chunk[i] = byte(pad)
			}
		} else if err != nil {
			return 0, err
		}
		e.mode.CryptBlocks(chunk, chunk)
		e.out = chunk
	}
	n := copy(p, e.out)
	e.out = e.out[n:]
	return n, nil
}
