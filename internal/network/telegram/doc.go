// Package telegram is the connector of Telegram's channels and groups, by a bot of the brand's own.
//
// A bot publishes and hears, but it cannot read: neither what it sent nor what others wrote before. What happens reaches
// it once, as updates, for at most a day. So a lost answer is looked up in the one place where Telegram tells a bot about
// its own post, the copy that appears in the channel's discussion group; without such a group a person decides.
//
// Updates are fetched, not pushed: a bot with a webhook cannot ask, and a call that got lost would be lost for good.
// What is fetched stays at Telegram for two hours more, so that several channels of one bot and the look-up can each
// read it.
//
// It must never send anything again by itself, never show an address of Telegram's files (they hold the token), and never
// confirm an update that was not stored.
package telegram
