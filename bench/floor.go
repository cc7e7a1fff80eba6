package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// floorEnv makes this program the floor's server: a process of its own, so that its CPU can be told from the load's.
const floorEnv = "BELLWETHER_BENCH_FLOOR"

// bare is a post as plain JSON has it, for the floors of the API.
type bare struct {
	ID       string            `json:"id"`
	BrandID  string            `json:"brand_id"`
	Text     string            `json:"text"`
	Channels []string          `json:"channels"`
	Settings map[string]string `json:"settings"`
	State    string            `json:"state"`
	Version  int               `json:"version"`
	At       time.Time         `json:"at"`
}

func samplePost() bare {
	return bare{ID: "post_0000000000000000000000000", BrandID: "brand_0000000000000000000000000", Text: "The winter roast is here: dark, slow and a little sweet, like the last hour before snow.",
		Channels: []string{"chan_0000000000000000000000000"}, Settings: map[string]string{"visibility": "public"}, State: "scheduled", Version: 1, At: time.Unix(1_800_000_000, 0).UTC()}
}

// floorHandler does the bare minimum of each kind of answer: L3 a redirect, L7 one post in and out, L8 a list of 200
// posts, L19 an empty page.
func floorHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /l/{slug}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://shop.example/winter-roast")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("POST /posts", func(w http.ResponseWriter, r *http.Request) {
		var p bare
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(p)
	})
	mux.HandleFunc("GET /posts", func(w http.ResponseWriter, _ *http.Request) {
		list := make([]bare, 200)
		for i := range list {
			list[i] = samplePost()
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(list)
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><html lang=\"en\"><title>Empty</title><p>Nothing.</p></html>"))
	})
	return mux
}

func serveFloor() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "listening on http://%s\n", l.Addr())
	return (&http.Server{Handler: floorHandler(), ReadHeaderTimeout: time.Minute}).Serve(l)
}
