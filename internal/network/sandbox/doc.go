// Package sandbox is a network inside the program, with a simulated public: it lets a newcomer see the whole loop
// without any account, and a workspace in test mode never reaches anyone else.
//
// The World holds accounts, their posts and what the public does with them: it reads, likes, comments on what the post
// is about, votes, shares, follows, writes messages, says thanks for answers, follows links and buys. It is
// deterministic from a seed and can live faster than real time. It misbehaves on request, to show what happens then.
// Publishing is keyed by the caller's key, so a repeated call changes nothing.
//
// The world lives in memory and hands out what changed of it, in parts, for somebody else to keep (Changed, Load). What
// a crash takes from it is put back from what the caller remembers of its posts (Remote.Data). It must never make a
// request.
package sandbox
