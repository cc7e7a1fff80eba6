// Package track takes in what happens on short links and on the owner's own pages: clicks, page views, events and
// conversions, by the first-party script or from a server.
//
// It promises that what was acknowledged survives a killed process and is counted once, that people, programs and
// link previews are told apart when a thing is written and nothing is thrown away, and that without consent no
// identity lasts longer than a day. Addresses are never stored. Dashboards read roll-ups; rows are read by index.
package track
