package linkedin_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/bellwether-social/bellwether/internal/network"
	"github.com/bellwether-social/bellwether/internal/network/linkedin"
	"github.com/bellwether-social/bellwether/internal/network/linkedin/linkedinfake"
)

func TestAnOrganisationsPostHasAnAudience(t *testing.T) {
	w, f := world(t, linkedinfake.Options{}, linkedinfake.Company)
	n := w.Network.(linkedin.LinkedIn)
	d := w.Draft("For engineers")
	d.Settings = map[string]string{"audience_places": "103644278, urn:li:geo:101165590", "audience_functions": "8,13"}
	steps, problems := n.Plan(d, w.Session.Account)
	if len(steps) != 1 {
		t.Fatalf("%+v", problems)
	}
	made, err := n.Do(t.Context(), w.Session, steps[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	sent := f.Sent(made.RemoteID)
	want := []any{map[string]any{"geoLocations": []any{"urn:li:geo:103644278", "urn:li:geo:101165590"}, "jobFunctions": []any{"urn:li:function:8", "urn:li:function:13"}}}
	if diff := cmp.Diff(want, sent["distribution"].(map[string]any)["targetEntities"]); diff != "" {
		t.Errorf("the audience differs:\n%s", diff)
	}
}

func TestAudiencesLinkedInCannotReachAreNamed(t *testing.T) {
	company := network.Account{ID: "urn:li:organization:1", Extra: map[string]string{"kind": "organization"}, Followers: 300}
	small, person := company, network.Account{ID: "urn:li:person:1"}
	small.Followers = 299
	for name, c := range map[string]struct {
		account network.Account
		key, v  string
		code    string
	}{
		"enough":            {company, "audience_places", "103644278", ""},
		"too few":           {small, "audience_places", "103644278", "audience_small"},
		"a member's":        {person, "audience_seniorities", "5", "audience_member"},
		"the last level":    {company, "audience_seniorities", "10", ""},
		"one level more":    {company, "audience_seniorities", "11", "audience_unknown"},
		"a place by name":   {company, "audience_places", "Vienna", "audience_unknown"},
		"the last function": {company, "audience_functions", "26", ""},
		"one function more": {company, "audience_functions", "27", "audience_unknown"},
	} {
		_, problems := linkedin.New("").Plan(network.Draft{Parts: []network.Part{{Text: "x"}}, Settings: map[string]string{c.key: c.v}}, c.account)
		var codes []string
		for _, p := range problems {
			codes = append(codes, p.Code)
		}
		if c.code == "" && len(codes) > 0 || c.code != "" && !slices.Contains(codes, c.code) {
			t.Errorf("%s: %v", name, codes)
		}
	}
}
