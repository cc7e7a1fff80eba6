package lab

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// A Bucket is a place for files on a server that speaks S3.
type Bucket struct {
	*Server   `json:"-"`
	Name      string `json:"bucket"`
	Region    string `json:"region"`
	AccessKey string `json:"accessKey"`
	SecretKey string `json:"secretKey"`
}

// S3 returns the lab's bucket.
func S3(t testing.TB) Bucket {
	t.Helper()
	b := Bucket{Server: running(t, "s3", "bin/versitygw", "/health")}
	wrote(t, "s3", &b)
	return b
}

// A Postbox takes mail by SMTP and shows it by an API.
type Postbox struct {
	*Server  `json:"-"`
	SMTPHost string `json:"smtpHost"`
	SMTPPort int    `json:"smtpPort"`
	APIURL   string `json:"apiURL"`
}

// Mail returns the lab's postbox, which takes any name and password.
func Mail(t testing.TB) Postbox {
	t.Helper()
	p := Postbox{Server: running(t, "mail", "bin/mailpit", "/livez")}
	wrote(t, "mail", &p)
	return p
}

// wrote reads what the lab wrote down about a running server and is particular to its kind.
func wrote(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder(), name+".json"))
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("read what the lab says about %s: %v", name, err)
	}
}
