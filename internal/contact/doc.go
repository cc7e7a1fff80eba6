// Package contact is people: one contact with all their identities (handles on networks, e-mail, phone, customer
// number).
//
// It promises that an identity belongs to exactly one contact, that merging two contacts is logged and reversible,
// and that links between identities are deterministic: nobody is guessed to be somebody else.
package contact
