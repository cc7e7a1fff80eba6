// Package settings is the screen of settings (S-SETTINGS): oneself and one's security, the workspace and its brands,
// members, roles and why somebody may do something, API keys, and the audit log.
//
// It decides nothing: what may be granted, changed or seen is said by the rooms account and workspace.
package settings
