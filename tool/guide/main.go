// Command guide serves the living style guide for work on the design system:
//
//	go run ./tool/guide            # on a free port of 127.0.0.1
//	go run ./tool/guide -addr 127.0.0.1:8099
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/bellwether-social/bellwether/internal/web/ui/guide"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on")
	flag.Parse()
	if err := serve(*addr); err != nil {
		fmt.Fprintln(os.Stderr, "guide:", err)
		os.Exit(1)
	}
}

func serve(addr string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	fmt.Printf("style guide: http://%s/\n", listener.Addr())
	server := &http.Server{Handler: guide.Handler(), ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(listener)
}
