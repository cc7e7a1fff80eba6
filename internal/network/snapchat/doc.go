// Package snapchat connects Snapchat's public profiles through the Public Profile API: stories, saved stories,
// Spotlights, and their numbers.
//
// A file is encrypted here with a key of its own, uploaded in parts, and then posted by its media id. Snapchat lets only
// apps in that it has put on its list; until then everything is refused, and posts are published by hand. It publishes
// no description of the API, so every path is in one place (paths.go) and answers are read in each of the shapes that
// were seen.
//
// Snapchat knows no key against doubles. A Spotlight whose answer was lost is looked up in the profile's list; a story
// cannot be told from another one, so that only a person decides. An answer of 200 may hide a refusal on two levels, and
// both are read. It must never post a media twice, and never send a file that is not encrypted.
package snapchat
