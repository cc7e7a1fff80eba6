package app

import (
	"os"
	"path/filepath"
	"runtime/debug"
)

// Config is every setting of an installation; each is a flag and an environment variable.
type Config struct {
	Addr      string            `help:"Address to listen on." env:"BELLWETHER_ADDR" default:"127.0.0.1:8080"`
	Data      string            `help:"Data folder: database, media, keys." env:"BELLWETHER_DATA" default:"./data"`
	URL       string            `help:"Public address people and networks use, for example https://social.example.org. Default: the listening address." env:"BELLWETHER_URL"`
	Database  string            `help:"postgres://… to run on PostgreSQL; default is SQLite in the data folder." env:"DATABASE_URL"`
	Role      string            `help:"What this process does: web, worker or all." env:"BELLWETHER_ROLE" enum:"web,worker,all" default:"all"`
	Proxies   []string          `help:"Addresses (CIDR) of reverse proxies whose forwarded headers are believed." env:"BELLWETHER_PROXIES"`
	Private   []string          `help:"Private addresses (CIDR or host) that connectors may reach, for example a server on your own network." env:"BELLWETHER_ALLOW_PRIVATE"`
	Gateways  map[string]string `help:"Other addresses for networks' calls, such as telegram=http://127.0.0.1:8081 for your own server for bots." env:"BELLWETHER_GATEWAYS"`
	S3        string            `help:"s3://key:secret@host/bucket for media; default is the data folder." env:"BELLWETHER_S3"`
	SMTP      string            `help:"smtp://user:password@host:port for mail; default writes mail into the data folder." env:"BELLWETHER_SMTP"`
	MailFrom  string            `help:"Sender address of mail." env:"BELLWETHER_MAIL_FROM" default:"Bellwether <bellwether@localhost>"`
	KeyRate   int               `help:"Requests a minute that one API key may make; 0 = no limit." env:"BELLWETHER_KEY_RATE" default:"600"`
	APIRate   int               `help:"Requests a minute that all API keys of a workspace may make together; 0 = no limit." env:"BELLWETHER_API_RATE" default:"3000"`
	GuessRate int               `help:"Requests a minute that one address may make to the API without a key that holds; 0 = no limit." env:"BELLWETHER_GUESS_RATE" default:"60"`
	HitRate   int               `help:"Events a minute that the public intake takes from one address; 0 = no limit." env:"BELLWETHER_HIT_RATE" default:"1200"`
	Log       string            `help:"Log level: debug, info, warn or error." env:"BELLWETHER_LOG" enum:"debug,info,warn,error" default:"info"`
}

// Target is what db.Open is given.
func (c Config) target() string {
	if c.Database != "" {
		return c.Database
	}
	return filepath.Join(c.Data, "bellwether.db")
}

func (c Config) prepare() error { return os.MkdirAll(c.Data, 0o700) }

// Version is the version this binary was built from.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}
