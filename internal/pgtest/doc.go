// Package pgtest lends a test an empty PostgreSQL database of its own.
//
// One throw-away cluster serves all test programs of a user. The first test that asks starts it on loopback, on a
// free port, with a random password and nothing written safely to disk; the next ones share it. It runs as the
// postgres user when the tests run as root, because PostgreSQL refuses root. Every database is dropped when its test
// ends. BELLWETHER_TEST_POSTGRES (a postgres:// address whose user may create databases) is used instead when set,
// and BELLWETHER_TEST_POSTGRES_DIR moves the cluster.
//
// The cluster is left running for the next test program; tool/test.sh stops its own, and Stop ends one by hand.
//
// The package must never be imported by the product, and never touches a database that it did not make.
package pgtest
