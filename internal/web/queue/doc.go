// Package queue is the screen of what waits for slots (S-QUEUE): the order of each channel with its gaps, the weekly
// slots, pauses and the emergency stop, the cadence, and the choice about every post that was held.
//
// It promises: nothing that was held goes out without a choice made here; the order changes by dragging, by keys and
// by buttons alike; changing it touches no post. It must never hold SQL or a rule of scheduling.
package queue
