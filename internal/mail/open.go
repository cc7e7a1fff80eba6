package mail

import (
	"path/filepath"

	"github.com/bellwether-social/bellwether/internal/secret"
)

// Open returns the sender that the settings ask for: the SMTP server of address (see ParseURL), or, when it is
// empty, the folder "outbox" of the data folder. from may be empty only then.
func Open(address secret.Text, from, dataDir string) (Sender, error) {
	var sender Address
	if from != "" {
		var err error
		if sender, err = ParseAddress(from); err != nil {
			return nil, err
		}
	}
	if address.IsZero() {
		return NewOutbox(filepath.Join(dataDir, "outbox"), sender)
	}
	settings, err := ParseURL(address)
	if err != nil {
		return nil, err
	}
	settings.From = sender
	return NewSMTP(settings)
}
