// Package audience keeps who the public of each channel is, as its network tells it (A04, H12): age, gender, place,
// language, interests, work, and when people are there.
//
// It promises that a reading is kept as it was told, a day apart at least, that a combined view weights each channel by
// how many people it tells of and never adds up or averages percentages, that what is told of too few people is not
// shown, and that a network which tells nothing is named with its reason. It never guesses who anybody is.
package audience
