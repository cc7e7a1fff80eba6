// Package safehttp is the one outgoing HTTP client: whatever address a stranger, a network or a member gives us,
// the request passes through here.
//
// It promises three things.
//
// No request reaches inside. The address is checked at the moment of dialling, on the very bytes that are dialled,
// and again for every redirect; only public addresses pass, plus those an operator listed (AllowList). Proxies from
// the environment, cookies and user information in addresses do not exist here.
//
// No answer costs more than its caps: size (after decompression), time, headers, redirects.
//
// No request is sent twice. Go's own transport silently repeats a request whose connection broke; here reads can't
// be replayed and everything that changes something travels on a fresh connection, which Go never repeats. When
// there is no answer, the error's kind says what is known: fault.Later when provably no byte of the request left,
// fault.Unknown once it may have. The journal rests on that difference. HTTP/1.1 only, for the same reason: HTTP/2
// repeats refused streams by itself, and one request on one connection is what makes the difference provable.
//
// It must never retry, never log, and never put an address's query, a path or a header into an error.
package safehttp
