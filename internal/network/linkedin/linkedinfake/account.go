package linkedinfake

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type code struct {
	redirect, scope string
	at              time.Time
}

// scopes are what the application's product allows.
func (f *Fake) scopes() string {
	s := map[string]string{"share": "openid profile email w_member_social", "community": "r_basicprofile w_member_social w_organization_social r_organization_social rw_organization_admin"}[f.o.Product]
	if f.o.Analytics {
		s += " r_member_postAnalytics r_member_profileAnalytics"
	}
	return s
}

// authorize plays a person who is signed in as the member.
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("redirect_uri") != Redirect || q.Get("client_id") != ClientID || q.Get("response_type") != "code" {
		http.Error(w, "Bummer, something went wrong.", http.StatusBadRequest)
		return
	}
	answer, word := url.Values{"state": {q.Get("state")}}, f.deny
	for s := range strings.FieldsSeq(q.Get("scope")) {
		if !strings.Contains(" "+f.scopes()+" ", " "+s+" ") {
			word = "unauthorized_scope_error"
		}
	}
	if word != "" {
		answer.Set("error", word)
	} else {
		key := "code-" + f.id()
		f.codes[key] = code{redirect: q.Get("redirect_uri"), scope: strings.ReplaceAll(q.Get("scope"), " ", ","), at: f.o.Now()}
		answer.Set("code", key)
	}
	back.RawQuery = answer.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

const codeLife = 30 * time.Minute

func (f *Fake) accessToken(c *call) (answer, *refusal) {
	if c.form.Get("client_id") != ClientID || c.form.Get("client_secret") != ClientSecret {
		return answer{}, no(401, "invalid_client", "Client authentication failed")
	}
	var scope string
	switch c.form.Get("grant_type") {
	case "authorization_code":
		known, ok := f.codes[c.form.Get("code")]
		delete(f.codes, c.form.Get("code"))
		if !ok || known.redirect != c.form.Get("redirect_uri") || f.o.Now().Sub(known.at) > codeLife {
			return answer{}, no(400, "invalid_request", "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired.")
		}
		scope = known.scope
	case "refresh_token":
		if !f.refresh[c.form.Get("refresh_token")] {
			return answer{}, no(400, "invalid_grant", "The provided authorization grant or refresh token is invalid, expired or revoked.")
		}
		scope = strings.ReplaceAll(f.scopes(), " ", ",")
	default:
		return answer{}, no(400, "invalid_request", "unknown grant type")
	}
	id := f.id()
	f.tokens["access-"+id] = true
	doc := map[string]any{"access_token": "access-" + id, "expires_in": 5184000, "scope": scope, "token_type": "Bearer"}
	if !f.o.NoRefresh && f.o.Product == "community" {
		f.refresh["refresh-"+id] = true
		doc["refresh_token"], doc["refresh_token_expires_in"] = "refresh-"+id, 31536000
	}
	return answer{doc: doc}, nil
}

func (f *Fake) revokeToken(c *call) (answer, *refusal) {
	if c.form.Get("client_secret") != ClientSecret {
		return answer{}, no(401, "invalid_client", "Client authentication failed")
	}
	delete(f.tokens, c.form.Get("token"))
	return answer{}, nil
}

func (f *Fake) userinfo(*call) (answer, *refusal) {
	if f.o.Product != "share" {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: userInfo.GET.NO_VERSION")
	}
	return answer{doc: map[string]any{"sub": "brand", "name": "Bea Brand", "picture": "https://media.example/brand.jpg", "locale": map[string]string{"country": "US", "language": "en"}}}, nil
}

func (f *Fake) me(*call) (answer, *refusal) {
	if f.o.Product != "community" {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: me.GET.NO_VERSION")
	}
	return answer{doc: map[string]any{"id": "brand", "localizedFirstName": "Bea", "localizedLastName": "Brand", "vanityName": "bea-brand"}}, nil
}

func (f *Fake) acls(c *call) (answer, *refusal) {
	q := c.URL.Query()
	if q.Get("q") != "roleAssignee" || q.Get("role") != "ADMINISTRATOR" || q.Get("state") != "APPROVED" || f.o.Product != "community" {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: organizationAcls.FINDER-roleAssignee")
	}
	list := []map[string]any{}
	for _, o := range []string{Company, Second} {
		list = append(list, map[string]any{"organization": o, "role": "ADMINISTRATOR", "state": "APPROVED", "roleAssignee": Member})
	}
	return elements(slice(c, list)), nil
}

var companies = map[string]map[string]any{
	"101": {"id": 101, "localizedName": "Acme & Sons", "vanityName": "acme"},
	"102": {"id": 102, "localizedName": "Acme Labs", "vanityName": "acme-labs"},
	"900": {"id": 900, "localizedName": "Other [Ltd]", "vanityName": "other"},
}

func (f *Fake) organization(c *call) (answer, *refusal) {
	o := companies[c.PathValue("id")]
	if o == nil {
		return answer{}, no(404, "", "Could not find entity")
	}
	return answer{doc: o}, nil
}

func (f *Fake) byVanity(c *call) (answer, *refusal) {
	var list []map[string]any
	for _, o := range companies {
		if c.URL.Query().Get("q") == "vanityName" && o["vanityName"] == c.URL.Query().Get("vanityName") {
			list = append(list, o)
		}
	}
	return elements(list), nil
}

func (f *Fake) size(c *call) (answer, *refusal) {
	if c.urn != Company && c.urn != Second || c.URL.Query().Get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER" {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: networkSizes.GET")
	}
	return answer{doc: map[string]any{"firstDegreeSize": 219145}}, nil
}

func (f *Fake) statistics(c *call) (answer, *refusal) {
	q := c.URL.Query()
	if q.Get("q") != "organizationalEntity" || Account(q.Get("organizationalEntity")) == "" {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: organizationalEntityShareStatistics")
	}
	var list []map[string]any
	for key, name := range map[string]string{"shares": "share", "ugcPosts": "ugcPost"} {
		for urn := range strings.SplitSeq(strings.TrimSuffix(strings.TrimPrefix(q.Get(key), "List("), ")"), ",") {
			if p := f.post(urn); p != nil && f.numbers[urn] != nil {
				list = append(list, map[string]any{name: urn, "organizationalEntity": p.Author, "totalShareStatistics": f.numbers[urn]})
			}
		}
	}
	return elements(list), nil
}

func (f *Fake) memberStatistics(c *call) (answer, *refusal) {
	q := c.URL.Query()
	if !f.o.Analytics {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: memberCreatorPostAnalytics.FINDER-entity")
	}
	_, urn, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(q.Get("entity"), "("), ")"), ":")
	p := f.post(urn)
	if q.Get("q") != "entity" || q.Get("aggregation") != "TOTAL" || p == nil || p.Author != Member {
		return answer{}, no(404, "", "Could not find entity")
	}
	n := f.numbers[urn][q.Get("queryType")]
	if n == nil {
		return elements([]any{}), nil
	}
	return elements([]any{map[string]any{"count": n, "metricType": q.Get("queryType")}}), nil
}

func (f *Fake) memberFollowers(*call) (answer, *refusal) {
	if !f.o.Analytics {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: memberFollowersCount")
	}
	return elements([]any{map[string]any{"memberFollowersCount": 290}}), nil
}

func (f *Fake) notifications(c *call) (answer, *refusal) {
	q := c.URL.Query()
	if q.Get("q") != "criteria" || Account(q.Get("organizationalEntity")) == "" {
		return answer{}, no(403, "ACCESS_DENIED", "Not enough permissions to access: organizationalEntityNotifications.FINDER-criteria")
	}
	var from int64
	if s := q.Get("timeRange"); s != "" {
		ms, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimPrefix(s, "(start:"), ")"), 10, 64)
		if err != nil {
			return answer{}, no(400, "", "timeRange is broken")
		}
		from = ms
	}
	var list []map[string]any
	for i := len(f.notes) - 1; i >= 0; i-- {
		n := f.notes[i]
		if n["organizationalEntity"] == q.Get("organizationalEntity") && n["lastModifiedAt"].(int64) >= from && strings.Contains(q.Get("actions"), n["action"].(string)) {
			list = append(list, n)
		}
	}
	return elements(slice(c, list)), nil
}
