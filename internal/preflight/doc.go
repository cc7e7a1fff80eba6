// Package preflight looks at planned targets before their time: a day, an hour and five minutes ahead, and at once where
// less than a day is left (C35).
//
// Each look asks whether the connection works and lasts until then, may publish, has quota and money left, and whether
// files, links and the network's rules, as they are now, would let the post pass. What stands in the way is told to the
// responsible person with the screen that mends it, once a stage however many posts it stops; what passes again takes its
// notice back. The last stage tells the leads as well.
//
// It promises that ten thousand targets of one minute are looked at in small batches, spread over the time before, with
// one look at a channel for all of them. It must never change a target's or a delivery's state, nor call anything that
// publishes: what may go out is the journal's to say (package delivery), at the moment itself.
package preflight
