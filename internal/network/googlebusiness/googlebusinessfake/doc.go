// Package googlebusinessfake plays Google's sign-in and the APIs of Google Business Profile, as their documentation
// describes them: accounts with locations, posts that Google looks at before it shows them, photos, reviews with one
// answer each, and numbers by day. It keeps the ledger of what became public and notes every request that the
// documentation does not allow.
package googlebusinessfake
