// Package networkfake is what the fake networks of the tests share: the ways in which a network misbehaves, programmed
// call by call, and the ledger of what became public.
//
// A fake is an ordinary HTTP server that answers as the network's documentation says. It can run inside a test or in
// a process of its own; then the ledger is read with GET /_ledger and faults are set with POST /_faults. The ledger is
// the truth every other record is compared with: nothing may be twice in it, and nothing promised may be missing.
package networkfake
