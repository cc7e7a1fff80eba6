package snapchat

import (
	"cmp"
	"net/url"
)

// Every address of the Public Profile API, in one place: Snapchat publishes no description that could be checked.

func (n Snapchat) api() string      { return cmp.Or(n.at, "https://businessapi.snapchat.com") }
func (n Snapchat) accounts() string { return cmp.Or(n.at, "https://accounts.snapchat.com") }
func (n Snapchat) website() string  { return cmp.Or(n.at, "https://www.snapchat.com") }

const myProfile = "/v1/public_profiles/my_profile"

func profilePath(id string) string { return "/v1/public_profiles/" + url.PathEscape(id) }
func organisationPath(id string) string {
	return "/v1/organizations/" + url.PathEscape(id) + "/public_profiles"
}
func mediaPath(profile string) string      { return profilePath(profile) + "/media" }
func listPath(profile, kind string) string { return profilePath(profile) + "/" + plural[kind] }
func assetPath(profile, kind, id string) string {
	return listPath(profile, kind) + "/" + url.PathEscape(id)
}
func statsPath(profile, kind, id string) string { return assetPath(profile, kind, id) + "/stats" }

// plural is how the API names a list of each kind.
var plural = map[string]string{story: "stories", saved: "saved_stories", spotlight: "spotlights"}

// statFields are the numbers asked for of each kind.
const statFields = "VIEWS,FAVORITES,SHARES,SUBSCRIBES"

// statNames maps the names of numbers, in each of the spellings that were seen, to the dictionary's.
var statNames = map[string]string{
	"VIEWS": "M-VVIEW", "SPOTLIGHT_VIEWS": "M-VVIEW", "STORY_VIEWS": "M-VVIEW", "SAVED_STORY_VIEWS": "M-VVIEW",
	"FAVORITES": "M-LIKE", "SPOTLIGHT_FAVORITES": "M-LIKE", "STORY_FAVORITES": "M-LIKE", "SAVED_STORY_FAVORITES": "M-LIKE",
	"SHARES": "M-SHARE", "SPOTLIGHT_SHARES": "M-SHARE", "STORY_SHARES": "M-SHARE", "SAVED_STORY_SHARES": "M-SHARE",
	"SUBSCRIBES": "M-FOLLGAIN", "SPOTLIGHT_SUBSCRIBES": "M-FOLLGAIN", "STORY_SUBSCRIBES": "M-FOLLGAIN", "SAVED_STORY_SUBSCRIBES": "M-FOLLGAIN",
}
