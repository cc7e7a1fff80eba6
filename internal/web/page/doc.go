// Package page is what a screen is made of: the Route it stands at, the Context its handler is given, and the one
// place where an error becomes a status, a message and a next step.
//
// It promises: a handler is called only when its Route's Need is met; the Actor in the Context comes from the session
// and the database, never from the request; a screen renders whole or as a fragment from the same handler; redirects
// stay on this site; a person's form comes back as they filled it in. It must never hold SQL or a rule of the domain.
package page
