// Package youtubefake plays Google's sign-in, the YouTube Data API and the YouTube Analytics API for one channel, as
// their documentation describes them: upload sessions, processing that takes its time, comments that are held back,
// quotas that run out. It keeps the ledger of what became public and notes every request the published description does
// not allow.
package youtubefake
