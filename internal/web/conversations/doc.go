// Package conversations is the screen of the inbox (S-INBOX) and of contacts: what people say to the channels, the
// answers they get, who they are, and how quickly they are answered.
//
// It promises: what a stranger wrote is shown as text only, and no file or picture of a stranger is loaded by the
// page; a refused answer comes back as it was typed; the filters live in the address; what a network doesn't offer is
// said, not hidden. Every rule is in package inbox.
package conversations
