// Package telegramfake is a Bot API server that answers as Telegram's documentation says, for tests: one bot, a channel
// with a discussion group, a channel without, and a group. It takes messages, files, albums and polls, copies posts into
// the discussion group, keeps updates until they are confirmed, misbehaves on demand and writes every message of the bot
// into a ledger.
//
// With a description of the API (Describe) it checks each call's method and parameters against it.
package telegramfake
