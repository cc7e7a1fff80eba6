package agent_test

import (
	"compress/gzip"
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/sharedtest"
	"github.com/bellwether-social/bellwether/internal/track/agent"
)

func TestClicksOfAKnownLogAreToldApart(t *testing.T) {
	f, err := os.Open(filepath.Join(sharedtest.Dir(t), "data", "links", "click_log.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	// By what a request says of itself alone: address ranges and request rates are judged elsewhere.
	wrong := map[string]int{}
	total := map[string]int{}
	for _, r := range rows[1:] {
		req := &http.Request{Method: r[4], Header: http.Header{"User-Agent": {r[3]}, "Sec-Purpose": {r[5]}}}
		got, truth := agent.Of(req).Kind, r[7]
		if r[8] == "burst_single_ip" || r[8] == "datacentre" || truth == "duplicate" {
			continue
		}
		total[truth]++
		if (got == agent.Human) != (truth == "human") {
			wrong[truth+"/"+r[8]]++
		}
	}
	humans, bots := 0, 0
	for kind, n := range wrong {
		if strings.HasPrefix(kind, "human") {
			humans += n
		} else {
			bots += n
		}
	}
	t.Logf("%d humans, %d wrong; %d bots, %d taken for people: %v", total["human"], humans, total["bot"], bots, wrong)
	if humans*100 > total["human"] {
		t.Errorf("more than 1 %% of people are taken for programs: %v", wrong)
	}
	if bots*100 > total["bot"]*4 {
		t.Errorf("more than 4 %% of programs are taken for people: %v", wrong)
	}
}

func TestS28ALongUserAgentIsReadInBoundedTime(t *testing.T) {
	if k := agent.OfString("Mozilla/5.0 " + strings.Repeat("(((a+)+)+", 1<<16)).Kind; k == "" {
		t.Fatal("no answer")
	}
}

func FuzzUserAgent(f *testing.F) {
	f.Add("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36")
	f.Add("")
	f.Fuzz(func(t *testing.T, ua string) {
		if a := agent.OfString(ua); a.Kind == "" {
			t.Fatal("no kind")
		}
	})
}
