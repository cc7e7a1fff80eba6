package mail

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// postmaster is a mail server that does as the test says: answers holds replies by command ("MAIL", "RCPT", "DATA",
// "." for the end of the message, "" for the greeting); "drop" closes the connection instead, "hang" never answers.
type postmaster struct {
	answers map[string]string
	cert    *tls.Certificate // offers STARTTLS when set
	direct  bool             // encrypted from the first byte
	auth    string           // mechanisms offered
	onMail  func()           // called when a message was read

	mu    sync.Mutex
	mails []string
	lines []string
	port  int
}

func (p *postmaster) start(t *testing.T) *postmaster {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.port = listener.Addr().(*net.TCPAddr).Port
	var group sync.WaitGroup
	end := make(chan struct{})
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { p.talk(conn, end) })
		}
	})
	t.Cleanup(func() { close(end); listener.Close(); group.Wait() })
	return p
}

func (p *postmaster) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{*p.cert}}
}

func (p *postmaster) talk(conn net.Conn, end chan struct{}) {
	defer func() { conn.Close() }()
	encrypted := p.direct
	if p.direct {
		conn = tls.Server(conn, p.config())
	}
	reader := bufio.NewReader(conn)
	say := func(command, usual string) bool {
		answer, ok := p.answers[command]
		switch {
		case !ok:
			answer = usual
		case answer == "drop":
			return false
		case answer == "hang":
			<-end
			return false
		}
		_, err := fmt.Fprintf(conn, "%s\r\n", answer)
		return err == nil && !strings.HasPrefix(answer, "421")
	}
	if !say("", "220 test ready") {
		return
	}
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		p.mu.Lock()
		p.lines = append(p.lines, line)
		p.mu.Unlock()
		command, _, _ := strings.Cut(strings.ToUpper(line), " ")
		goOn := true
		switch command {
		case "EHLO":
			more := ""
			if p.cert != nil && !encrypted {
				more += "250-STARTTLS\r\n"
			}
			if p.auth != "" {
				more += "250-AUTH " + p.auth + "\r\n"
			}
			goOn = say("EHLO", "250-test\r\n"+more+"250 8BITMIME")
		case "STARTTLS":
			if goOn = say("STARTTLS", "220 go on"); goOn {
				conn, encrypted = tls.Server(conn, p.config()), true
				reader = bufio.NewReader(conn)
			}
		case "AUTH":
			goOn = say("AUTH", "235 welcome")
		case "DATA":
			answer := p.answers["DATA"]
			if goOn = say("DATA", "354 go on"); goOn && (answer == "" || strings.HasPrefix(answer, "354")) {
				var mail strings.Builder
				for {
					line, err := reader.ReadString('\n')
					if err != nil {
						return
					}
					if line == ".\r\n" {
						break
					}
					mail.WriteString(strings.TrimPrefix(line, "."))
				}
				p.mu.Lock()
				p.mails = append(p.mails, mail.String())
				p.mu.Unlock()
				if p.onMail != nil {
					p.onMail()
				}
				goOn = say(".", "250 taken")
			}
		case "QUIT":
			say("QUIT", "221 bye")
			return
		default: // MAIL, RCPT, RSET, NOOP
			goOn = say(command, "250 ok")
		}
		if !goOn {
			return
		}
	}
}

func (p *postmaster) taken() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.mails)
}

func (p *postmaster) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

func (p *postmaster) url(userinfo, query string) string {
	return "smtp://" + userinfo + "127.0.0.1:" + strconv.Itoa(p.port) + query
}
