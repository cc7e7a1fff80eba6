package networkfake

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Server runs a fake on a free port of this machine.
type Server struct {
	URL     string
	program *Program
	http    *http.Server
	done    chan struct{}
}

// Start serves handler at address ("" = any free port of the loopback interface) together with the ledger and the
// faults: GET /_ledger answers all items as JSON; POST /_faults takes {"class": "create", "faults": ["500-after-create"]};
// POST /_release carries out late calls.
func Start(address string, handler http.Handler, ledger *Ledger, program *Program) (*Server, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for the fake network: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("GET /_ledger", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(ledger.Items())
	})
	mux.HandleFunc("POST /_faults", func(w http.ResponseWriter, r *http.Request) {
		var order struct {
			Class  string  `json:"class"`
			Faults []Fault `json:"faults"`
		}
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil || order.Class == "" {
			refuse(w, 422, "send class and faults")
			return
		}
		program.Next(order.Class, order.Faults...)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_release", func(w http.ResponseWriter, _ *http.Request) {
		program.Release()
		w.WriteHeader(http.StatusNoContent)
	})
	s := &Server{URL: "http://" + listener.Addr().String(), program: program, done: make(chan struct{}),
		// Its complaints about broken connections are our own doing.
		http: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(listener)
	}()
	return s, nil
}

// Close stops the server and ends every withheld answer.
func (s *Server) Close() {
	s.program.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close()
	}
	<-s.done
}
