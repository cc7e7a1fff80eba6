// Package sandbox is a network inside the program, with a simulated public: it lets a newcomer see the whole loop
// without any account, and a workspace in test mode never reaches anyone else.
//
// The World holds accounts, their posts and what the public does with them: it reads, likes, comments, shares,
// follows, writes messages, follows links and buys. It is deterministic from a seed and can live faster than
// real time. Publishing is keyed by the caller's key, so a repeated call changes nothing.
package sandbox
