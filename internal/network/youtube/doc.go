// Package youtube is the connector of YouTube: the Data API (version 3) and the Analytics API (version 2).
//
// A video goes out in two phases. The first opens an upload session, which makes nothing; the second sends the file to
// the session's address, in chunks. While the session lives (about a week) it answers how far it got and, once it is
// complete, which video it made: sending again into the same session is exact. After that only the channel's list of
// uploads can tell.
//
// It must never open a second session for a video whose first may have been completed, never call a video accepted that
// YouTube has not finished processing, and never store a session's address in plain text: whoever has it may upload.
package youtube
