// Package graph is what Meta's networks share: the call of the Graph API with its proof, the table of Meta's error codes,
// lists that are read backward, conversations, insights, the sign-in with Facebook and the signed webhook.
//
// It knows no network of its own: which nodes, edges and fields are asked for is each connector's. It must never send a
// token to another host than the one it is for, and never turn a creating call's unknown outcome into anything else.
package graph
