// Package recur repeats a wall-clock time by a rule: "every second Monday at 09:00 in Europe/Berlin".
//
// Rules are RFC 5545 recurrence rules by day, week, month or year. They are counted on the calendar and the clock of
// their zone, so 09:00 stays 09:00 when daylight saving begins; only then is each time turned into an instant, by the
// rule of package when: a time the clocks skip runs at the first valid minute after the gap, a doubled time once, at
// its first (C26, R27). After a change of zone rules the same words give the new instants (R28).
//
// It must never promise an endless list: every expansion has an end. It reads no clock and keeps no state.
package recur
