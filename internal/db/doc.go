// Package db runs one SQL text on two engines: SQLite (the default, a file in the data folder) and PostgreSQL.
//
// SQL is written in PostgreSQL's spelling and reads the same on both: $1 parameters, CTEs, window functions,
// FILTER, RETURNING, ON CONFLICT, row values. Avoid arrays and date_trunc. Instants are UTC microseconds in
// bigint columns: a zero time.Time is stored as null and read back as zero. A struct, map or slice goes into a
// text column as JSON when its field is tagged `db:"name,json"` or the argument is wrapped in JSON.
//
// On SQLite there is one writing connection and eight reading ones. Inside Tx use the *Tx for everything; asking
// the *DB to write there would wait for itself.
package db
