// Package compose is the screen for writing (S-COMPOSE): one base, a variant where a channel differs, and beside them
// what each channel will get, checked by the rules that publish.
//
// It promises that nothing typed is lost: every button works on what is in the form, a refusal shows the form again as
// it was filled in, a version of somebody else is shown beside one's own. Without scripts it is one form whose buttons
// reload the page; with them the same buttons swap the part that changed. It must never hold a rule of a network.
package compose
