// Package browser is a person at a real browser, for tests: it opens pages in Chromium, finds things by the words a
// person reads, and judges what was shown (console, content security policy, accessibility).
//
// A test package that uses it says so once:
//
//	func TestMain(m *testing.M) { os.Exit(browser.Main(m)) }
//
// Chromium starts with the first Open and is shared by the package; every Open has cookies and storage of its own, and
// reaches no host but this machine. Each verb waits for what it needs, up to Patience, and fails the test by name when
// it does not come; a failed test says where the page was and what it read. Where Chromium is not installed a test is
// skipped, except where CI is set: there it fails.
//
// The package must never be imported by the product, and knows nothing about it.
package browser
