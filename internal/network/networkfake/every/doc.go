// Package every starts the fakes of all networks, each with accounts that are connected, so that a test can use every
// network through the whole product: the address that takes its calls, the sessions, and the forms of posts it takes.
//
// A network is one row of the table. What a row says of a form's proof, the network's own plan must confirm.
package every
