// Package discord is the connector of Discord's channels, in two ways that are two networks to everybody else, because
// they can do different things: Discord (a bot, which publishes, reads and is answered) and Webhook (an address that
// only publishes).
//
// A bot's message carries a nonce that Discord enforces for a few minutes, so a lost answer is settled by sending it
// again. A webhook has none: its lost answers are looked up by a bot, where one was given, else a person decides. A
// webhook always waits for the message it made.
//
// It must never mention everyone, a role or a person because of words in a text, unless that was chosen; never show a
// webhook's address, which is its secret; and never go on calling where Discord said 401, 403 or 404, since those count
// towards a ban.
package discord
