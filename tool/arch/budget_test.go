package arch

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The ground floor stays small enough to be read in one sitting. Lines are those with code on them: comments and blank
// lines are free, because nobody should save on them.
var budgets = map[string]int{
	"internal/db":    970, // two engines, full text in each one's words, our migrations and River's under one lock; for SQLite what its planner cannot guess, kept statements, shared commits, checkpoints beside them
	"internal/job":   250,
	"internal/event": 250,
	"internal/fault": 250,
}

const (
	networkBudget    = 2300 // lines of code of one network that offers every ability; publishing alone takes about 900
	fileBudget       = 500  // lines of any file that people write
	dependencyBudget = 40   // modules that the program imports directly
)

func TestGroundFloorAndNetworksStaySmall(t *testing.T) {
	for _, p := range list(t, "./...") {
		name := short(p.ImportPath)
		budget := budgets[name]
		if strings.HasPrefix(name, "internal/network/") && !judge(p.ImportPath) && name != "internal/network/all" {
			budget = networkBudget
		}
		if budget == 0 {
			continue
		}
		lines := 0
		for _, f := range p.GoFiles {
			lines += code(t, filepath.Join(p.Dir, f))
		}
		if lines > budget {
			t.Errorf("%s has %d lines of code, its budget is %d", name, lines, budget)
		}
	}
}

func TestFilesFitOneHead(t *testing.T) {
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); slices.Contains([]string{".git", "node_modules", "testdata", "vendor", "data", "bin"}, n) {
				return filepath.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".templ", ".css", ".ts", ".sh"}, filepath.Ext(path)) || strings.HasSuffix(path, "_templ.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := bytes.Count(text, []byte("\n")); n > fileBudget && !generated(text) {
			t.Errorf("%s has %d lines, the budget of a file is %d", strings.TrimPrefix(path, "../../"), n, fileBudget)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func generated(text []byte) bool {
	head, _, _ := bytes.Cut(text, []byte("\npackage "))
	return bytes.Contains(head, []byte("// Code generated ")) && bytes.Contains(head, []byte(" DO NOT EDIT."))
}

func TestProgramDependsOnFewModules(t *testing.T) {
	owner := map[string]string{} // package to module
	direct := map[string]bool{}
	all := list(t, "-deps", "./cmd/...")
	for _, p := range all {
		if p.Module != nil {
			owner[p.ImportPath] = p.Module.Path
		}
	}
	for _, p := range all {
		if owner[p.ImportPath] != module {
			continue
		}
		for _, i := range p.Imports {
			if m := owner[i]; m != "" && m != module {
				direct[m] = true
			}
		}
	}
	var names []string
	for m := range direct {
		names = append(names, m)
	}
	slices.Sort(names)
	if len(names) > dependencyBudget {
		t.Errorf("the program imports %d modules directly, the budget is %d: %s", len(names), dependencyBudget, strings.Join(names, " "))
	}
	t.Logf("%d modules: %s", len(names), strings.Join(names, " "))
}

// code counts the lines of a Go file that hold code.
func code(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, comment := 0, false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case comment:
			comment = !strings.Contains(line, "*/")
		case strings.HasPrefix(line, "/*"):
			comment = !strings.Contains(line, "*/")
		case line != "" && !strings.HasPrefix(line, "//"):
			n++
		}
	}
	return n
}
