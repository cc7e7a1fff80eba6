package safehttp

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// inside lists every way to write an address that is not public.
var inside = []string{
	// loopback and "this host"
	"127.0.0.1", "127.0.0.53", "127.255.255.254", "0.0.0.0", "0.1.2.3", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0000::0001]",
	// private, carrier, link-local (cloud metadata), benchmark, documentation, reserved, multicast, broadcast
	"10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "100.64.0.1", "100.127.255.255",
	"169.254.169.254", "169.254.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
	"203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
	// IPv6: unique local, link-local, site-local, multicast, documentation, discard, segment routing, Teredo, ORCHID
	"[fc00::1]", "[fd00:ec2::254]", "[fdff::1]", "[fe80::1]", "[fe80::1%25eth0]", "[febf::1]", "[fec0::1]", "[ff02::1]",
	"[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[2001::1]", "[2001:0:7f00:1::]", "[2001:20::1]", "[4000::1]",
	// an IPv4 address inside an IPv6 one: mapped, compatible, NAT64 (well-known and local), 6to4
	"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:10.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[::7f00:1]",
	"[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]", "[64:ff9b:1::808:808]",
	"[2002:7f00:1::]", "[2002:a00:1::1]", "[2002:0808:0808::1]",
	// other spellings that some resolver reads as an address
	"2130706433", "0x7f000001", "0x7f.0.0.1", "0X7F.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.01", "1.2.3.0x7f", "1.2.3.08",
	"127.0.0.1.", "127.0.0.1..", "2130706433.", "0x7f.1.", "10.0.0.1.",
	// Unicode digits and dots
	"127。0。0。1", "\uff11\uff12\uff17.\uff10.\uff10.\uff11", "\uff11\uff10\uff0e0\uff610.1", "127.0.0.1", "①②⑦.⓪.⓪.①", "127.0.0。1", "0x7f.1", "𝟏𝟐𝟕.0.0.1",
}

func TestS1NoSpellingOfAnInsideAddressIsDialled(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { t.Error("a request arrived inside") })
	for _, host := range inside {
		for _, scheme := range []string{"http", "https"} {
			for _, port := range []string{"", ":80", ":8080", ":6379"} {
				w := newWorld(t, Policy{}, nil, server)
				_, err := w.get(t, scheme+"://"+host+port+"/latest/meta-data")
				if err == nil || len(w.dialled) > 0 {
					t.Errorf("%s://%s%s: error %v, dialled %v", scheme, host, port, err, w.dialled)
				} else if !fault.Is(err, fault.Invalid) {
					t.Errorf("%s://%s%s is %s (%v), want it refused", scheme, host, port, fault.KindOf(err), err)
				}
			}
		}
	}
}

func TestS1NoNameThatResolvesInsideIsDialled(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { t.Error("a request arrived inside") })
	for _, host := range inside {
		addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if err != nil {
			continue
		}
		for _, name := range []string{"rebound.example", "localhost", "metadata.google.internal"} {
			w := newWorld(t, Policy{}, map[string][][]netip.Addr{name: {{addr}}}, server)
			if _, err := w.get(t, "http://"+name+"/"); code(err) != "address_not_allowed" || len(w.dialled) > 0 {
				t.Errorf("%s as %s: error %v, dialled %v", name, addr, err, w.dialled)
			}
		}
	}
}

func TestS1PublicAddressesAreReached(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.Host)) })
	for _, host := range []string{"8.8.8.8", "1.1.1.1", "172.32.0.1", "172.15.0.1", "100.63.255.255", "100.128.0.0", "11.0.0.1", "192.167.1.1", "223.255.255.255",
		"[2606:4700::1111]", "[2a00:1450:4001::1]", "[64:ff9b::808:808]", "[::ffff:8.8.8.8]", "8.8.8.8.", "8。8。8。8"} {
		w := newWorld(t, Policy{}, nil, server)
		if _, err := w.get(t, "http://"+host+"/"); err != nil || len(w.dialled) != 1 {
			t.Errorf("%s: %v, dialled %v", host, err, w.dialled)
		}
	}
	w := newWorld(t, Policy{}, map[string][][]netip.Addr{"xn--bcher-kva.example": {addrs("8.8.8.8")}}, server)
	if got, err := w.get(t, "http://Bücher.EXAMPLE./x#fragment"); err != nil || string(got.Body) != "xn--bcher-kva.example" {
		t.Errorf("an international name: %+v, %v", got, err)
	}
}

func TestS1AddressesThatAreNotPlainWebAddresses(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { t.Error("a request arrived") })
	for address, want := range map[string]string{
		"http://user@8.8.8.8/":        "bad_url",
		"http://user:pw@8.8.8.8/":     "bad_url",
		"http://@8.8.8.8/":            "bad_url",
		"http://8.8.8.8@127.0.0.1/":   "bad_url",
		"file:///etc/passwd":          "bad_scheme",
		"gopher://8.8.8.8/":           "bad_scheme",
		"ftp://8.8.8.8/":              "bad_scheme",
		"javascript:alert(1)":         "bad_scheme",
		"//8.8.8.8/":                  "bad_scheme",
		"8.8.8.8":                     "bad_scheme",
		"http:8.8.8.8":                "bad_url",
		"http://":                     "bad_host",
		"http:///path":                "bad_host",
		"http://:80/":                 "bad_host",
		"http://./":                   "bad_host",
		"http://a..b/":                "bad_host",
		"http://8.8.8.8:0/":           "bad_port",
		"http://8.8.8.8:99999/":       "bad_port",
		"http://8.8.8.8:22/":          "port_not_allowed",
		"http://8.8.8.8:6379/":        "port_not_allowed",
		"http://8.8.8.8\\@127.0.0.1/": "bad_url",
		"http://8.8.8.8\n127.0.0.1/":  "bad_url",
		"http://8.8.8.8 127.0.0.1/":   "bad_url",
		"http://%31%32%37.0.0.1/":     "bad_url",
		"http://exa$mple/":            "bad_host",
		"http://[::1/":                "bad_url",
		"http://" + strings.Repeat("a", 64) + ".example/": "bad_host",
	} {
		w := newWorld(t, Policy{}, nil, server)
		if _, err := w.get(t, address); code(err) != want || len(w.dialled) > 0 {
			t.Errorf("%q: %v (%s), want %s; dialled %v", address, err, code(err), want, w.dialled)
		}
	}
}

func TestS1OperatorsExceptions(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	answers := map[string][][]netip.Addr{"social.lan": {addrs("192.168.1.9")}, "a.home.lan": {addrs("10.1.1.1")}, "evil.example": {addrs("192.168.1.9")}}
	allow := MustAllow("10.0.0.0/8", " 127.0.0.1:3000 ", "", "[::1]:8443", "social.lan:8080", "*.home.lan")
	for address, ok := range map[string]bool{
		"http://10.2.3.4:9999/":           true,
		"http://127.0.0.1:3000/":          true,
		"http://127.0.0.1:3001/":          false,
		"http://127.0.0.2:3000/":          false,
		"http://[::1]:8443/":              true,
		"http://[::ffff:127.0.0.1]:3000/": true,
		"http://social.lan:8080/":         true,
		"http://social.lan/":              false,
		"http://a.home.lan/":              true,
		"http://evil.example/":            false, // the address of an allowed host under another name
		"http://192.168.1.9:8080/":        false,
	} {
		w := newWorld(t, Policy{Allow: allow}, answers, server)
		if _, err := w.get(t, address); (err == nil) != ok {
			t.Errorf("%s: %v, want allowed %v", address, err, ok)
		}
	}
	for _, bad := range []string{"10.0.0.0/99", "host:port", "host:0", "a b", "0x7f.1"} {
		if _, err := ParseAllow(bad); err == nil {
			t.Errorf("the entry %q was accepted", bad)
		}
	}
}

func TestS2RedirectInsideIsNotFollowed(t *testing.T) {
	for _, to := range append([]string{"file:///etc/passwd", "gopher://8.8.8.8/", "http://u:p@8.8.8.8/", "http://8.8.8.8:22/"}, inside...) {
		if !strings.Contains(to, "/") {
			to = "http://" + to + "/"
		}
		for _, status := range []int{301, 302, 303, 307, 308} {
			arrived := 0
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				arrived++
				w.Header()["Location"] = []string{to}
				w.WriteHeader(status)
			})
			w := newWorld(t, Policy{}, nil, server)
			if _, err := w.get(t, "http://8.8.8.8/start"); err == nil || arrived != 1 || len(w.dialled) != 1 {
				t.Errorf("%d to %s: error %v, %d requests, dialled %v", status, to, err, arrived, w.dialled)
			}
			arrived = 0
			if resp, err := w.HTTPClient().Get("http://8.8.8.8/start"); err == nil || arrived != 1 {
				t.Errorf("standard client, %d to %s: %v, %d requests", status, to, resp, arrived)
			}
		}
	}
}

func TestS2RedirectsAreCountedAndCarryNoSecretsAway(t *testing.T) {
	var seen []http.Header
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://1.1.1.1/end", http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/end", http.StatusFound)
		}
	})
	w := newWorld(t, Policy{MaxRedirects: 3}, nil, server)
	if _, err := w.get(t, "http://8.8.8.8/loop"); code(err) != "too_many_redirects" || len(seen) != 4 {
		t.Fatalf("a loop: %v after %d requests", err, len(seen))
	}
	secret := http.Header{"Authorization": {"Bearer s3cret-token"}, "X-Api-Key": {"s3cret-key"}, "Cookie": {"a=b"}, "Accept": {"text/html"}}
	for path, kept := range map[string]bool{"/near": true, "/away": false} {
		seen = nil
		resp, err := w.Send(t.Context(), "GET", "http://8.8.8.8"+path, secret, nil, -1, "", nil)
		if err != nil || len(seen) != 2 || resp.URL.Path != "/end" {
			t.Fatalf("%s: %v, %+v, %d requests", path, err, resp, len(seen))
		}
		if got := seen[1].Get("Authorization") != "" && seen[1].Get("X-Api-Key") != ""; got != kept || seen[1].Get("Accept") != "text/html" {
			t.Errorf("%s: the second request carries %v", path, seen[1])
		}
		if seen[0].Get("Cookie") != "" || seen[0].Get("Authorization") == "" {
			t.Errorf("%s: the first request carries %v", path, seen[0])
		}
	}
}

func TestS2WritesDoNotFollowRedirects(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		arrived := 0
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { arrived++; http.Redirect(w, r, "/again", status) })
		w := newWorld(t, Policy{}, nil, server)
		resp, err := w.JSON(t.Context(), "POST", "http://8.8.8.8/x", nil, map[string]int{"a": 1}, nil)
		if !fault.Is(err, fault.Rejected) || resp.Status != status || arrived != 1 {
			t.Errorf("%d: %v, %+v, %d requests", status, err, resp, arrived)
		}
	}
}

func TestS3TheCheckedAddressIsTheDialledOne(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Connection", "close") })
	// The first lookup is public; every later one is inside.
	w := newWorld(t, Policy{}, map[string][][]netip.Addr{"rebind.example": {addrs("8.8.8.8"), addrs("127.0.0.1")}}, server)
	if _, err := w.get(t, "http://rebind.example/"); err != nil {
		t.Fatal(err)
	}
	if w.resolver.lookups != 1 {
		t.Errorf("%d lookups for one request: a second one could differ from the checked one", w.resolver.lookups)
	}
	if _, err := w.get(t, "http://rebind.example/"); code(err) != "address_not_allowed" {
		t.Errorf("after rebinding: %v", err)
	}
	if len(w.dialled) != 1 || w.dialled[0].Addr() != netip.MustParseAddr("8.8.8.8") {
		t.Errorf("dialled %v", w.dialled)
	}
}

func TestS3InsideAddressesAmongPublicOnesAreLeftOut(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	w := newWorld(t, Policy{}, map[string][][]netip.Addr{"mixed.example": {addrs("127.0.0.1", "::1", "8.8.8.8", "10.0.0.1")}}, server)
	if _, err := w.get(t, "http://mixed.example/"); err != nil {
		t.Fatal(err)
	}
	if len(w.dialled) != 1 || w.dialled[0].Addr() != netip.MustParseAddr("8.8.8.8") {
		t.Errorf("dialled %v", w.dialled)
	}
}

func TestS3RedirectToANameThatNowResolvesInside(t *testing.T) {
	arrived := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		arrived++
		w.Header().Set("Connection", "close")
		http.Redirect(w, r, "http://rebind.example/inside", http.StatusFound)
	})
	w := newWorld(t, Policy{}, map[string][][]netip.Addr{"rebind.example": {addrs("8.8.8.8"), addrs("169.254.169.254")}}, server)
	if _, err := w.get(t, "http://rebind.example/"); code(err) != "address_not_allowed" || arrived != 1 {
		t.Errorf("error %v, %d requests", err, arrived)
	}
}

// The last check is made by the system's own connect call, on the address it was really given.
func TestS3TheSystemAsksOnceMoreBeforeConnecting(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived inside") })
	to := netip.MustParseAddrPort(server.Listener.Addr().String())
	var asked netip.AddrPort
	conn, err := dialTCP(t.Context(), to, func(actual netip.AddrPort) error {
		asked = actual
		return fault.Invalidf("url", "no")
	})
	if err == nil {
		conn.Close()
	}
	if !fault.Is(err, fault.Invalid) || asked != to {
		t.Errorf("asked about %v, error %v", asked, err)
	}
}

func TestS3EveryDoorHasTheGuard(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request arrived inside") })
	c := New(Policy{})
	address, host := server.URL, server.Listener.Addr().String()
	req := httptest.NewRequest("GET", address, nil)
	doors := map[string]func() error{
		"Do":   func() error { _, err := c.Do(t.Context(), req); return err },
		"JSON": func() error { _, err := c.JSON(t.Context(), "POST", address, nil, 1, nil); return err },
		"Form": func() error { _, err := c.Form(t.Context(), "POST", address, nil, nil, nil); return err },
		"Upload": func() error {
			_, err := c.Upload(t.Context(), "POST", address, nil, []Part{Field("a", "b")}, nil)
			return err
		},
		"DialContext": func() error { _, err := c.DialContext(context.Background(), "tcp", host); return err },
		"HTTPClient":  func() error { _, err := c.HTTPClient().Get(address); return err },
	}
	for name, open := range doors {
		if err := open(); code(err) != "address_not_allowed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestS4AnswersDoNotTellOpenFromClosedPorts(t *testing.T) {
	open, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	said := func(address string) string {
		_, err := New(Policy{}).JSON(t.Context(), "GET", "http://"+address, nil, nil, nil)
		if err == nil {
			t.Fatalf("%s was reached", address)
		}
		return err.Error() + "|" + code(err)
	}
	if a, b := said(open.Addr().String()), said(closed.Addr().String()); a != b {
		t.Errorf("open: %s\nclosed: %s", a, b)
	}
}

func TestS4TheEnvironmentsProxyIsIgnored(t *testing.T) {
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the proxy was asked") })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("http_proxy", proxy.URL)
	t.Setenv("HTTPS_PROXY", proxy.URL)
	reached := false
	server := serve(t, func(http.ResponseWriter, *http.Request) { reached = true })
	w := newWorld(t, Policy{}, nil, server)
	if _, err := w.get(t, "http://8.8.8.8/"); err != nil || !reached {
		t.Errorf("%v, reached %v", err, reached)
	}
}

func FuzzS1Hosts(f *testing.F) {
	for _, host := range inside {
		f.Add("http://" + host + "/")
	}
	f.Add("http://8.8.8.8/")
	c := New(Policy{})
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := c.CheckURL(raw)
		if err != nil {
			return
		}
		again, err := c.CheckURL(u.String())
		if err != nil || again.Host != u.Host {
			t.Fatalf("%q was accepted as %q, which is then %v, %v", raw, u.Host, again, err)
		}
		if u.User != nil || strings.ContainsAny(u.Host, "@/\\ %") {
			t.Fatalf("%q was accepted as host %q", raw, u.Host)
		}
	})
}
