// Package link makes short links and follows them: an own address for every link in a post, so that a click, a
// lead and an order can be followed back to the target that earned it, with no third party's data.
//
// It promises that a short link goes only to http and https addresses outside its own domains, that UTM values are
// written by the workspace's rules and in one spelling, and that following one costs no database query. It must
// never redirect anywhere but to a stored destination.
package link
