package browser

import (
	_ "embed"
	"fmt"
	"strings"
)

// axe-core 4.14.1 (MPL-2.0, the licence lies beside it), for tests only.
//
//go:embed testdata/axe.min.js
var axeScript string

// Axe fails the test for each breach of WCAG 2.2 A or AA that axe-core finds on the page as it is now, with the
// elements at fault. Rules named in except are left out; say why beside the call.
func (p *Page) Axe(except ...string) {
	p.t.Helper()
	if !Eval[bool](p, "typeof globalThis.axe === 'object'") {
		Eval[bool](p, axeScript+"\n;true")
	}
	rules := make([]string, len(except))
	for i, id := range except {
		rules[i] = quote(id) + ": {enabled: false}"
	}
	found := Eval[[]struct {
		ID, Impact, Help string
		Elements         []string
	}](p, fmt.Sprintf(`axe.run(document, {
		resultTypes: ['violations'],
		runOnly: {type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']},
		rules: {%s},
	}).then(r => r.violations.map(v => ({
		ID: v.id, Impact: v.impact ?? '', Help: v.help,
		Elements: v.nodes.slice(0, 6).map(n => n.target.flat().join(' ') + ': ' + (n.failureSummary ?? '').split('\n').slice(1).join(';').trim()),
	})))`, strings.Join(rules, ", ")))
	for _, v := range found {
		p.t.Errorf("accessibility at %s (%s): %s (%s, %s)\n\t%s", p.URL(), p.scheme, v.Help, v.ID, v.Impact, strings.Join(v.Elements, "\n\t"))
	}
}
