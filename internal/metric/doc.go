// Package metric is the dictionary of numbers and the store of what networks say of our posts and channels.
//
// It promises that every number has one definition (dictionary.go) that the screens print beside it, that values
// are kept as they were given with the time they were fetched, that a ratio is computed from summed numerators and
// denominators and never stored or averaged, and that what a network does not deliver is missing, never 0.
package metric
