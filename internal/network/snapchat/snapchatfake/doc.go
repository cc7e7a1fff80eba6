// Package snapchatfake plays Snapchat: its sign-in and the Public Profile API. It decrypts what is uploaded and refuses
// what it can't decrypt. Whatever became public is in its ledger; faults are programmed by class of call.
//
// It is for tests only.
package snapchatfake
