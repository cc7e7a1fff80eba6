// Package sharedtest finds the folder of published facts (text cases, API descriptions, real servers) that lies
// beside the repository. The product never needs it; tests that judge us by it do.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the absolute path of the shared folder. Without it a test is skipped, except where CI is set:
// there a missing folder is a failure, so that no check disappears silently.
func Dir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("BELLWETHER_SHARED"); dir != "" {
		return dir
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatalf("find the working folder: %v", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		shared := filepath.Join(dir, "shared")
		if _, err := os.Stat(filepath.Join(shared, "networks", "README.md")); err == nil {
			return shared
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("the shared folder is required in CI and was not found beside the repository")
	}
	t.Skip("needs the shared folder beside the repository (or BELLWETHER_SHARED)")
	return ""
}
