package arch

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/bellwether-social/bellwether"

// lines are the rooms from the roof to the ground. A room imports only rooms on lower lines; rooms on one line do not
// know each other.
var lines = []string{
	"cmd",
	"app",
	"web api mcp hook",
	"demo",
	"insight report",
	"assist",
	"attribution",
	"incident",
	"native preflight threshold",
	"delivery inbox ads listening",
	"approval",
	"post",
	"campaign link track asset customer",
	"strategy",
	"metric audience",
	"channel contact notify",
	"workspace",
	"account",
	"network/*",
	"network",
	"stats",
	"job event search",
	"db",
	"blob mail llm",
	"secret safehttp when utm",
	"fault id text limit",
}

// judges are packages that only tests import. They may import anything; the product may not import them.
var judges = []string{
	"internal/sharedtest", "internal/pgtest", "internal/db/dbtest", "internal/network/networktest",
	"internal/network/networkfake", "internal/web/webtest", "internal/web/gatetest",
	"e2e", "bench", "tool",
}

// only says who alone may import what, by the front of the import path. Rooms not named may not.
var only = []struct {
	path string
	by   []string
	why  string
}{
	{module + "/internal/network/all", []string{"app"}, "the list of networks is app's to hand out"},
	{"modernc.org/sqlite", []string{"db"}, "only db knows a database driver"},
	{"github.com/jackc/pgx/", []string{"db", "job"}, "only db knows a database driver, and job hands River its connection"},
	{"github.com/pressly/goose/", []string{"db"}, "only db migrates"},
	{"github.com/riverqueue/river", []string{"job", "db"}, "only job knows River, and db runs its migrations under our lock"},
	{"github.com/openai/", []string{"llm"}, "only llm knows a model's API"},
	{"net/smtp", []string{"mail"}, "only mail sends mail"},
	{"github.com/wneessen/go-mail", []string{"mail"}, "only mail sends mail"},
}

// A network stays a plug-in by knowing next to nothing.
var networkKnows = []string{"network", "text", "safehttp", "fault"}

// together says which networks may import what they share besides that: an API that is one and the same for all of them,
// with one table of errors and one sign-in. Threads has its own host and rules, and stays apart.
var together = map[string][]string{"network/graph": {"network/facebook", "network/instagram"}}

// screens hold no SQL.
var screens = []string{"web", "api", "mcp", "hook"}

// pkg is what the rules need to know of a package.
type pkg struct {
	ImportPath string
	Imports    []string
}

// room returns the name in the table for an import path: its line's word, and whether it is a network of its own.
// Packages of judges, of the standard library and of others have none.
func room(path string) string {
	if strings.HasPrefix(path, module+"/cmd/") {
		return "cmd"
	}
	rest, ok := strings.CutPrefix(path, module+"/internal/")
	if !ok || judge(path) {
		return ""
	}
	if name, sub := strings.CutPrefix(rest, "network/"); sub {
		return "network/" + strings.SplitN(name, "/", 2)[0]
	}
	return strings.SplitN(rest, "/", 2)[0]
}

// A network's fake lies in the network's folder: mastodon/mastodonfake.
func judge(path string) bool {
	rest := strings.TrimPrefix(path, module+"/")
	if part := strings.Split(rest, "/"); len(part) > 3 && part[1] == "network" && part[3] == part[2]+"fake" {
		return true
	}
	return slices.ContainsFunc(judges, func(j string) bool { return rest == j || strings.HasPrefix(rest, j+"/") })
}

// line is how far down the room lies; -1 when the table has no place for it.
func line(room string) int {
	if strings.HasPrefix(room, "network/") {
		room = "network/*"
	}
	return slices.IndexFunc(lines, func(l string) bool { return slices.Contains(strings.Fields(l), room) })
}

// offences names everything that breaks the table or the rules beside it.
func offences(packages []pkg) []string {
	var found []string
	for _, p := range packages {
		from := room(p.ImportPath)
		if from == "" {
			continue
		}
		if line(from) < 0 {
			found = append(found, fmt.Sprintf("internal/%s has no line in the table of rooms (tool/arch/rooms.go)", from))
			continue
		}
		for _, i := range p.Imports {
			if fault := offence(p.ImportPath, from, i); fault != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", short(p.ImportPath), short(i), fault))
			}
		}
	}
	return found
}

func offence(path, from, imported string) string {
	for _, o := range only {
		if strings.HasPrefix(imported, o.path) && !slices.Contains(o.by, from) {
			return o.why
		}
	}
	switch {
	case judge(imported):
		return "only tests may"
	case slices.Contains(screens, from) && (imported == "database/sql" || strings.HasPrefix(imported, module+"/internal/db")):
		return "screens hold no SQL"
	}
	to := room(imported)
	switch {
	case to == "" || to == from:
		return ""
	case from == "network/all" && strings.HasPrefix(to, "network/"):
		return "" // listing them is what it is for
	case slices.Contains(together[to], from):
		return ""
	case strings.HasPrefix(from, "network/") && from != "network/all" && !slices.Contains(networkKnows, to):
		return "a network knows only " + strings.Join(networkKnows, ", ")
	case line(to) < 0:
		return "" // reported for itself
	case line(to) == line(from):
		return "rooms on one line do not know each other"
	case line(to) < line(from):
		return "a room imports only lower ones; what must travel upward travels as a job or an event"
	}
	return ""
}

func short(path string) string { return strings.TrimPrefix(path, module+"/") }
