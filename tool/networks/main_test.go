package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheListOfNetworksIsAsTheyAre(t *testing.T) {
	var b bytes.Buffer
	write(&b)
	written, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, b.Bytes()) {
		t.Errorf("%s is not what the networks say of themselves now: run go run ./tool/networks", file)
	}
}
