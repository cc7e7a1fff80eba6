package graph_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/graph"
	"github.com/bellwether-social/bellwether/internal/network/graph/graphfake"
	"github.com/bellwether-social/bellwether/internal/safehttp"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func refused(status int, header http.Header, body string) error {
	resp := &safehttp.Response{Status: status, Header: header, Body: []byte(body), At: now}
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	return graph.Explain(resp, resp.Err())
}

func TestEveryErrorHasItsKind(t *testing.T) {
	type row struct {
		status, code, sub int
		kind              fault.Kind
		field             string
	}
	rows := []row{
		{400, 190, 463, fault.Unauthorised, ""}, {400, 190, 459, fault.Unauthorised, ""}, {400, 190, 460, fault.Unauthorised, ""}, {401, 190, 0, fault.Unauthorised, ""}, {400, 102, 0, fault.Unauthorised, ""},
		{400, 4, 0, fault.Later, ""}, {400, 17, 0, fault.Later, ""}, {400, 32, 0, fault.Later, ""}, {400, 613, 0, fault.Later, ""}, {400, 80001, 0, fault.Later, ""}, {400, 80014, 0, fault.Later, ""},
		{500, 1, 0, fault.Unknown, ""}, {503, 2, 0, fault.Unknown, ""}, {400, 2, 0, fault.Unknown, ""}, {500, 999, 0, fault.Unknown, ""}, {400, 6000, 1363030, fault.Unknown, ""},
		{400, 100, 33, fault.NotFound, ""}, {404, 803, 0, fault.NotFound, ""},
		{400, 100, 0, fault.Rejected, ""}, {400, 368, 0, fault.Rejected, ""}, {400, 506, 0, fault.Rejected, "text"}, {400, 100, 1366046, fault.Rejected, "media"}, {400, 6000, 1363023, fault.Rejected, "media"},
		{400, 1609008, 0, fault.Rejected, "media"}, {400, 100, 1390008, fault.Rejected, "text"}, {400, 10, 2018278, fault.Rejected, ""},
		{400, 36000, 2207004, fault.Rejected, "media"}, {400, 36003, 2207009, fault.Rejected, "media"}, {400, 36004, 2207010, fault.Rejected, "text"}, {400, 352, 2207026, fault.Rejected, "media"},
		{400, 9004, 2207052, fault.Later, "media"}, {400, 9007, 2207027, fault.Later, ""}, {400, 9, 2207042, fault.Later, ""}, {400, 4, 2207051, fault.Rejected, ""}, {400, 25, 2207050, fault.Rejected, ""},
		{400, -2, 2207003, fault.Later, ""}, {400, -1, 2207001, fault.Later, ""}, {400, 24, 2207008, fault.Later, ""}, {400, 100, 2207028, fault.Rejected, "media"}, {400, 100, 2207040, fault.Rejected, "settings.user_tags"},
	}
	for _, r := range rows {
		err := refused(r.status, nil, fmt.Sprintf(`{"error":{"message":"Something","type":"OAuthException","code":%d,"error_subcode":%d}}`, r.code, r.sub))
		f := fault.As(err)
		if f.Kind != r.kind || f.Field != r.field || f.Message == "" {
			t.Errorf("%d/%d/%d is %s at %q (%s), want %s at %q", r.status, r.code, r.sub, f.Kind, f.Field, f.Message, r.kind, r.field)
		}
		if f.Kind == fault.Later && !f.RetryAt.After(now) {
			t.Errorf("%d/%d: later, and no time", r.code, r.sub)
		}
		if f.Kind == fault.Unauthorised && f.Hint == "" {
			t.Errorf("%d/%d: nobody is told to reconnect", r.code, r.sub)
		}
	}
}

func TestPermissionsAreTheSignInsAndRefusalsThePosts(t *testing.T) {
	for said, want := range map[string]fault.Kind{
		`{"error":{"message":"(#200) Requires pages_manage_posts permission","code":200}}`:                              fault.Unauthorised,
		`{"error":{"message":"(#10) This endpoint requires the 'pages_read_engagement' permission","code":10}}`:         fault.Unauthorised,
		`{"error":{"message":"(#200) Comments are closed here","code":200}}`:                                            fault.Rejected,
		`{"error":{"message":"Try again","code":12345,"is_transient":true}}`:                                            fault.Unknown,
		`{"error":{"message":"Error validating client secret.","code":1}}`:                                              fault.Rejected,
		`{"error":{"message":"x","code":100,"error_user_title":"Too long","error_user_msg":"The caption is too long"}}`: fault.Rejected,
		`{"error":"not Graph's form"}`: fault.Rejected,
		`<html>`:                       fault.Rejected,
	} {
		if err := refused(400, nil, said); !fault.Is(err, want) {
			t.Errorf("%s: %v is %s, want %s", said, err, fault.KindOf(err), want)
		}
	}
	if m := fault.As(refused(400, nil, `{"error":{"message":"x","code":100,"error_user_msg":"The caption is too long"}}`)).Message; m != "Meta refused: The caption is too long" {
		t.Errorf("%q are not the words for people", m)
	}
	if f := fault.As(refused(413, nil, `{"error":"x"}`)); f.Field != "media" {
		t.Errorf("%+v", f)
	}
	if err := graph.Explain(nil, errors.New("x")); err == nil {
		t.Error("an error is lost")
	}
}

func TestWaitIsReadFromEveryUsageHeader(t *testing.T) {
	for name, header := range map[string]http.Header{
		"business use case": {"X-Business-Use-Case-Usage": {`{"1001":[{"type":"pages","call_count":100,"estimated_time_to_regain_access":7},{"type":"messenger","estimated_time_to_regain_access":3}]}`}},
		"page":              {"X-Page-Usage": {`{"call_count":100,"estimated_time_to_regain_access":7}`}},
		"retry after":       {"Retry-After": {"420"}},
	} {
		err := refused(400, header, `{"error":{"message":"limit","code":32}}`)
		if at := fault.As(err).RetryAt; !at.Equal(now.Add(7 * time.Minute)) {
			t.Errorf("%s: %s", name, at.Sub(now))
		}
	}
	if at := fault.As(refused(400, nil, `{"error":{"message":"limit","code":32}}`)).RetryAt; !at.Equal(now.Add(15 * time.Minute)) {
		t.Errorf("without a header: %s", at.Sub(now))
	}
}

func TestTimesAreReadInEveryForm(t *testing.T) {
	for _, raw := range []string{`"2026-03-02T09:00:00+0000"`, `"2026-03-02T10:00:00+0100"`, `"2026-03-02T09:00:00Z"`, `1772442000`, `"1772442000"`} {
		var at graph.Time
		if err := json.Unmarshal([]byte(raw), &at); err != nil || !at.Equal(now) || at.Location() != time.UTC {
			t.Errorf("%s is %s, %v", raw, at, err)
		}
	}
	var at graph.Time
	if json.Unmarshal([]byte(`"soon"`), &at) == nil {
		t.Error("a word is a time")
	}
	if json.Unmarshal([]byte(`null`), &at) != nil || !at.IsZero() {
		t.Errorf("nothing is %s", at)
	}
}

// What appears late, with an old time, is still read; what was read does not come again.
func TestPlaceForgetsNothingAndRepeatsNothing(t *testing.T) {
	at := func(id string, after time.Duration) network.Message {
		return network.Message{Remote: network.Remote{ID: id}, At: now.Add(after)}
	}
	fresh, place := graph.Place{}.Take([]network.Message{at("b", time.Minute), at("a", 0)})
	if len(fresh) != 2 || fresh[0].ID != "a" {
		t.Fatalf("%+v", fresh)
	}
	fresh, place = place.Take([]network.Message{at("c", time.Minute), at("b", time.Minute), at("late", -5*time.Minute), at("a", 0)})
	if len(fresh) != 2 || fresh[0].ID != "late" || fresh[1].ID != "c" {
		t.Fatalf("%+v", fresh)
	}
	fresh, place = place.Take([]network.Message{at("d", time.Hour), at("c", time.Minute)})
	if len(fresh) != 1 || len(place.Seen) != 1 {
		t.Errorf("%+v, %+v", fresh, place)
	}
	if fresh, _ = place.Take(nil); len(fresh) != 0 || place.From().IsZero() {
		t.Errorf("%+v", fresh)
	}
}

func TestNumbersAreReadInEveryForm(t *testing.T) {
	for raw, want := range map[string]int64{`12`: 12, `4.6`: 5, `{"like":3,"love":1}`: 4, `0`: 0} {
		if n, ok := graph.Number(json.RawMessage(raw)); !ok || n != want {
			t.Errorf("%s is %d, %t", raw, n, ok)
		}
	}
	for _, raw := range []string{``, `null`, `"x"`, `[]`} {
		if n, ok := graph.Number(json.RawMessage(raw)); ok {
			t.Errorf("%q is %d", raw, n)
		}
	}
	if n, ok := graph.Number(json.RawMessage(`{"link clicks":4,"other clicks":5}`), "link clicks"); !ok || n != 4 {
		t.Errorf("a part is %d", n)
	}
	if _, ok := graph.Number(json.RawMessage(`{}`), "link clicks"); ok {
		t.Error("a part that is not there is a number")
	}
}

func TestNewsOfOtherObjectsConcernsNobody(t *testing.T) {
	if heard, err := graph.Hear(graphfake.App(), graphfake.Hook("instagram", "17841400000000000", now), "page"); err != nil || len(heard.Accounts) > 0 {
		t.Errorf("%+v, %v", heard, err)
	}
	if heard, err := graph.Hear(map[string]string{}, graphfake.Hook("page", "1001", now), "page"); !fault.Is(err, fault.Unauthorised) || len(heard.Accounts) > 0 {
		t.Errorf("without an app: %+v, %v", heard, err)
	}
}
