// Package mail sends mail: invitations, password resets, notifications, digests, reports.
//
// A message goes to one person, as text and HTML that say the same, and its error kind says whether it may be sent
// again: fault.Rejected when the server refused it for good (a recipient that does not exist), fault.Later when it
// provably was not taken, fault.Unknown when the connection broke after the whole message was sent, fault.Unauthorised
// when the server does not accept our login. A repeated message keeps its Message-ID, by which most servers drop
// the second one.
//
// Without an SMTP server the messages are written to a folder as .eml files, so that a person who runs Bellwether
// alone still reaches every invitation; Note says so, for every screen that sends mail.
//
// It must never put a member's or a stranger's text into a template, only into its fields, and never send one
// message to several people.
package mail
