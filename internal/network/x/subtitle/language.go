// Package subtitle says in which language subtitles are as X wants to read it.
package subtitle

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Code is the language in X's two capital letters; X knows no regions here.
func Code(tag string) string {
	code, _, _ := strings.Cut(tag, "-")
	return strings.ToUpper(code)
}

// Name is the language's name in itself, as players show it.
func Name(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := display.Self.Name(parsed); name != "" {
		return name
	}
	return tag
}
