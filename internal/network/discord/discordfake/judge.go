package discordfake

import (
	"net/http"
	"regexp"
	"sync"

	"github.com/bellwether-social/bellwether/internal/network/networkfake/described"
)

// Judge checks requests against the published description. Since that is slow, a request that differs from one it
// found good only in numbers and nonces is good without a further look. Many fakes may share one.
type Judge struct {
	doc *described.Document

	mu   sync.Mutex
	good map[string]bool
}

// NewJudge returns a judge by the description.
func NewJudge(doc *described.Document) *Judge { return &Judge{doc: doc, good: map[string]bool{}} }

var varying = regexp.MustCompile(`"nonce":"[0-9a-f]{25}"|[0-9]+`)

func (j *Judge) check(r *http.Request, body []byte) []string {
	like := varying.ReplaceAllString(r.Method+" "+r.URL.RequestURI()+" "+string(body), "0")
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.good[like] {
		return nil
	}
	wrong := j.doc.Check(r, body)
	j.good[like] = len(wrong) == 0
	return wrong
}

// Describe has every request checked against the published description.
func (f *Fake) Describe(j *Judge) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.spec = j
}
