// Package network says what a network is: the words and the small interfaces every connector implements.
//
// A network offers what it offers by implementing an interface; nothing else declares an ability. Screens, forms,
// limits and documents are drawn from Spec and from which interfaces are there (see AbilitiesOf). A connector
// holds no state of its own: everything it needs comes in with the call, everything worth keeping goes out with
// the answer, and the journal (package delivery) decides what to store and when to call.
//
// A connector must never retry, never sleep between calls, never log a token, and never call anything but the
// safehttp client it is handed. It answers with the error kinds of package fault: Rejected, Later, Unauthorised,
// Unknown and NotFound; an error is Unknown whenever request bytes may have left without an answer.
package network
