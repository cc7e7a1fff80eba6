// Package campaign joins posts, links, conversations and orders for a purpose and a period.
//
// It promises that an item has at most one campaign, that the campaign's UTM value never changes once made (so that
// clicks of years ago still find it), and that its totals are the sums of the rows they open.
package campaign
