package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Outbox writes messages to a folder instead of sending them.
type Outbox struct {
	dir  string
	from Address
}

// kept is how many messages the folder holds; older ones are removed, since nobody else tidies it.
const kept = 1000

// NewOutbox makes the folder, readable for its owner only: messages hold sign-in links.
func NewOutbox(dir string, from Address) (*Outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the outbox folder: %w", err)
	}
	if from == (Address{}) {
		from = Address{"Bellwether", "bellwether@localhost"}
	}
	return &Outbox{dir: dir, from: from}, nil
}

// Note says where the messages are.
func (o *Outbox) Note() string {
	return "No mail server is set up, so mail is not sent. Each message is a file in " + o.dir + " that a mail program opens."
}

// Send writes m whole or not at all. The same message again replaces its file.
func (o *Outbox) Send(_ context.Context, m Message) error {
	if m.At.IsZero() {
		m.At = time.Now()
	}
	msg, err := m.build(o.from)
	if err != nil {
		return err
	}
	var raw bytes.Buffer
	if _, err := msg.WriteTo(&raw); err != nil {
		return fmt.Errorf("write mail: %w", err)
	}
	name := strings.Trim(msg.GetMessageID(), "<>")
	name = m.At.UTC().Format("20060102-150405") + "-" + name[:strings.LastIndexByte(name, '@')] + ".eml"
	if earlier, err := filepath.Glob(filepath.Join(o.dir, "*-"+name[16:])); err == nil && len(earlier) > 0 && m.ID != "" {
		name = filepath.Base(earlier[0])
	}
	temp, err := os.CreateTemp(o.dir, ".mail-*")
	if err != nil {
		return fmt.Errorf("write mail to the outbox: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(raw.Bytes())
	if err = errors.Join(err, temp.Close()); err != nil {
		return fmt.Errorf("write mail to the outbox: %w", err)
	}
	if err := os.Rename(temp.Name(), filepath.Join(o.dir, name)); err != nil {
		return fmt.Errorf("write mail to the outbox: %w", err)
	}
	return o.tidy()
}

func (o *Outbox) tidy() error {
	files, err := filepath.Glob(filepath.Join(o.dir, "*.eml"))
	if err != nil || len(files) <= kept {
		return err
	}
	slices.Sort(files) // names begin with the time
	for _, old := range files[:len(files)-kept] {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("tidy the outbox: %w", err)
		}
	}
	return nil
}
