package googlebusinessfake

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// The legacy API publishes no description that a program can read; these are its documented fields and parameters.
type (
	dateDoc struct{ Year, Month, Day int }
	timeDoc struct{ Hours, Minutes, Seconds, Nanos int }
	postDoc struct {
		LanguageCode string `json:"languageCode"`
		Summary      string `json:"summary"`
		TopicType    string `json:"topicType"`
		CallToAction *struct {
			ActionType string `json:"actionType"`
			URL        string `json:"url"`
		} `json:"callToAction"`
		Event *struct {
			Title    string `json:"title"`
			Schedule struct {
				StartDate *dateDoc `json:"startDate"`
				StartTime *timeDoc `json:"startTime"`
				EndDate   *dateDoc `json:"endDate"`
				EndTime   *timeDoc `json:"endTime"`
			} `json:"schedule"`
		} `json:"event"`
		Offer *struct {
			CouponCode      string `json:"couponCode"`
			RedeemOnlineURL string `json:"redeemOnlineUrl"`
			TermsConditions string `json:"termsConditions"`
		} `json:"offer"`
		Media []mediaDoc `json:"media"`
	}
	mediaDoc struct {
		MediaFormat         string `json:"mediaFormat"`
		SourceURL           string `json:"sourceUrl"`
		Description         string `json:"description"`
		LocationAssociation *struct {
			Category string `json:"category"`
		} `json:"locationAssociation"`
	}
	replyDoc struct {
		Comment string `json:"comment"`
	}
)

var (
	actions    = []string{"BOOK", "ORDER", "SHOP", "LEARN_MORE", "SIGN_UP", "CALL"}
	categories = []string{"COVER", "PROFILE", "LOGO", "EXTERIOR", "INTERIOR", "PRODUCT", "AT_WORK", "FOOD_AND_DRINK", "MENU", "COMMON_AREA", "ROOMS", "TEAMS", "ADDITIONAL"}
	masks      = []string{"summary", "callToAction", "languageCode", "event", "offer", "media"}
)

// documented lists what a request to the legacy API has that is not documented.
func documented(c *call) (wrong []string) {
	add := func(what string) { wrong = append(wrong, c.Method+" "+c.URL.Path+": "+what) }
	allowed := map[string][]string{"GET": {"pageSize", "pageToken", "orderBy"}, "PATCH": {"updateMask"}}[c.Method]
	for name := range c.q {
		if !slices.Contains(allowed, name) {
			add("no query parameter " + name)
		}
	}
	strict := func(into any) {
		d := json.NewDecoder(bytes.NewReader(c.raw))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil {
			add(err.Error())
		}
	}
	switch {
	case c.Method == "GET" || c.Method == "DELETE":
		if len(c.raw) > 0 {
			add("has a body")
		}
		if by := c.q.Get("orderBy"); by != "" && !slices.Contains([]string{"rating", "rating desc", "updateTime desc"}, by) {
			add("cannot be ordered by " + by)
		}
	case strings.HasSuffix(c.URL.Path, "/reply"):
		strict(&replyDoc{})
	case strings.HasSuffix(c.URL.Path, "/media"):
		var m mediaDoc
		if strict(&m); m.LocationAssociation == nil || !slices.Contains(categories, m.LocationAssociation.Category) {
			add("no such category")
		}
	default:
		var p postDoc
		strict(&p)
		if p.CallToAction != nil && (!slices.Contains(actions, p.CallToAction.ActionType) || (p.CallToAction.ActionType == "CALL") != (p.CallToAction.URL == "")) {
			add("a button that does not exist, or leads nowhere")
		}
		for _, m := range p.Media {
			if m.MediaFormat != "PHOTO" && m.MediaFormat != "VIDEO" || m.LocationAssociation != nil || m.Description != "" {
				add("a post's media has a format and an address only")
			}
		}
		if c.Method == "PATCH" {
			for _, m := range strings.Split(c.q.Get("updateMask"), ",") {
				if !slices.Contains(masks, m) {
					add("the mask names " + m)
				}
			}
		}
	}
	return wrong
}
