package linkedinfake

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

type upload struct {
	URN, Owner, Token string
	Size              int64    // announced; 0 = unknown
	Parts             []string // marks of what was received
	Bytes             int64
	Whole             bool
	Polls             int // how often it is still processing
}

const partSize = 4 << 20 // of a video

// action announces a file, or puts a video together.
func (f *Fake) action(c *call) (answer, *refusal) {
	resource := c.PathValue("resource")
	switch c.URL.Query().Get("action") {
	case "initializeUpload":
		return f.initialize(resource, object(c.body, "initializeUploadRequest"))
	case "finalizeUpload":
		return f.finalize(object(c.body, "finalizeUploadRequest"))
	}
	f.faulty = append(f.faulty, c.Method+" "+c.URL.String()+": there is no such call")
	return answer{}, no(404, "", "Resource not found")
}

func (f *Fake) initialize(resource string, b map[string]any) (answer, *refusal) {
	kind := map[string]string{"images": "image", "videos": "video", "documents": "document"}[resource]
	if kind == "" || Account(text(b, "owner")) == "" {
		return answer{}, no(400, "", "the owner is missing")
	}
	id := f.id()
	u := &upload{URN: "urn:li:" + kind + ":" + id, Owner: text(b, "owner"), Token: "token-" + id}
	f.files[u.URN] = u
	value := map[string]any{kind: u.URN, "uploadUrlExpiresAt": f.o.Now().UnixMilli() + 86400000}
	at := f.URL + "/upload/" + u.URN + "/"
	if kind != "video" {
		value["uploadUrl"] = at + "0"
		return answer{doc: map[string]any{"value": value}}, nil
	}
	size, _ := b["fileSizeBytes"].(float64)
	if u.Size = int64(size); u.Size <= 0 {
		return answer{}, no(400, "", "fileSizeBytes is missing")
	}
	var parts []map[string]any
	for first := int64(0); first < u.Size; first += partSize {
		parts = append(parts, map[string]any{"uploadUrl": fmt.Sprint(at, len(parts)), "firstByte": first, "lastByte": min(first+partSize, u.Size) - 1})
	}
	slices.Reverse(parts) // nothing says that they come in order
	value["uploadInstructions"], value["uploadToken"] = parts, u.Token
	return answer{doc: map[string]any{"value": value}}, nil
}

func (f *Fake) put(c *call) (answer, *refusal) {
	u := f.files[c.PathValue("id")]
	if u == nil || len(c.raw) == 0 || u.Size > 0 && c.PathValue("part") != fmt.Sprint(len(u.Parts)) {
		return answer{}, no(400, "", "this is not the part that was announced")
	}
	u.Parts, u.Bytes = append(u.Parts, "mark-"+c.PathValue("part")), u.Bytes+int64(len(c.raw))
	if u.Size == 0 {
		f.complete(u)
	}
	return answer{status: http.StatusCreated, mark: u.Parts[len(u.Parts)-1]}, nil
}

func (f *Fake) complete(u *upload) {
	u.Whole = true
	if !strings.Contains(u.URN, ":image:") {
		u.Polls = f.o.AsyncMedia
	}
}

func (f *Fake) finalize(b map[string]any) (answer, *refusal) {
	u := f.files[text(b, "video")]
	ids, _ := b["uploadedPartIds"].([]any)
	if u == nil || text(b, "uploadToken") != u.Token || fmt.Sprint(ids) != fmt.Sprint(u.Parts) || u.Bytes != u.Size {
		return answer{}, no(400, "", "the parts are not the ones that were sent")
	}
	f.complete(u)
	return answer{doc: map[string]any{}}, nil
}

func (f *Fake) fileStatus(c *call) (answer, *refusal) {
	u := f.files[c.urn]
	if u == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	if u.Owner == Member {
		u.Polls = 0 // time goes by
		return answer{}, denied("videos.GET")
	}
	status := "AVAILABLE"
	switch {
	case u.Polls > 0:
		u.Polls--
		status = "PROCESSING"
	case f.o.FailMedia:
		status = "PROCESSING_FAILED"
	case !u.Whole:
		status = "WAITING_UPLOAD"
	}
	return answer{doc: map[string]any{"id": u.URN, "owner": u.Owner, "status": status}}, nil
}
