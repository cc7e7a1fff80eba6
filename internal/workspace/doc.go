// Package workspace is who may do what, where: workspaces, brands, members, roles, the Actor behind every verb,
// and the audit log.
//
// It promises that the permission matrix of the product stands in one place (matrix.go) and is asked on the
// server for UI, API and jobs alike; that a verb's workspace comes from its Actor and never from a form; and that
// every change leaves an audit entry chained to the one before it. It must never let an Actor grant more than it
// holds.
package workspace
