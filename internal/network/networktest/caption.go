package networktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/bellwether-social/bellwether/internal/network"
)

// Captions are a video's captions in each of the languages, that can be opened.
func Captions(languages ...string) []network.Caption {
	file := func(mime, words string) network.Media {
		hash := sha256.Sum256([]byte(words))
		return network.Media{ID: "cap_" + mime, Kind: network.Captions, MIME: mime, Bytes: int64(len(words)), SHA256: hex.EncodeToString(hash[:]),
			Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader([]byte(words))), nil }}
	}
	var list []network.Caption
	for _, l := range languages {
		list = append(list, network.Caption{Language: l, VTT: file("text/vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"+l+"\n"), SRT: file("application/x-subrip", "1\n00:00:00,000 --> 00:00:01,000\n"+l+"\n\n")})
	}
	return list
}
