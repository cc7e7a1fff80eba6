package db

// Waiting is how many callers wait to change something, for tests of what they share.
func (d *DB) Waiting() int { return int(d.shared.waiting.Load()) }
