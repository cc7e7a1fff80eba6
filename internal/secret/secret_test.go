package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellwether-social/bellwether/internal/fault"
)

func entry(id string, fill byte) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, keySize))
}

func must(t *testing.T, text string) *Keys {
	t.Helper()
	k, err := New(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func code(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestSealedValueOpensForItsRowAlone(t *testing.T) {
	k := must(t, entry("one", 1))
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		row := rapid.StringN(1, 40, -1).Draw(t, "row")
		other := rapid.String().Draw(t, "other")
		sealed, err := k.Seal(plain, row)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := k.Open(sealed, row); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q, %v", got, err)
		}
		if other != row {
			if _, err := k.Open(sealed, other); code(err) != "secret_unreadable" {
				t.Fatalf("row %q opened what was sealed for %q: %v", other, row, err)
			}
		}
		if again, _ := k.Seal(plain, row); again == sealed {
			t.Fatal("sealing twice gave the same envelope")
		}
	})
	if _, err := k.Seal([]byte("x"), ""); err == nil {
		t.Error("a value was sealed for no row")
	}
}

func TestEveryAlteredEnvelopeIsRefused(t *testing.T) {
	k := must(t, entry("one", 1)+","+entry("two", 2))
	sealed, err := k.Seal([]byte("token"), "channel_grant/chan_1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(sealed) {
		for _, c := range []byte("Aa0-_.\x00") {
			if altered := sealed[:i] + string(c) + sealed[i+1:]; altered != sealed {
				if plain, err := k.Open(altered, "channel_grant/chan_1"); err == nil {
					t.Errorf("byte %d as %q opened to %q", i, c, plain)
				}
			}
		}
		if _, err := k.Open(sealed[:i], "channel_grant/chan_1"); err == nil {
			t.Errorf("the first %d characters opened", i)
		}
	}
	two := strings.Replace(sealed, ".one.", ".two.", 1)
	if _, err := k.Open(two, "channel_grant/chan_1"); code(err) != "secret_unreadable" {
		t.Errorf("under another key's name: %v", err)
	}
}

func TestKeysAreRotatedOnline(t *testing.T) {
	const row = "channel_grant/chan_1"
	old := must(t, entry("old", 1))
	sealed, _ := old.Seal([]byte("token"), row)
	signed := old.Sign("link", "x")

	both := must(t, entry("new", 2)+" "+entry("old", 1))
	if both.Active() != "new" || !both.NeedsRotation(sealed) || !both.Verify("link", "x", signed) {
		t.Fatalf("active %q, needs rotation %v", both.Active(), both.NeedsRotation(sealed))
	}
	fresh, err := both.Reseal(sealed, row)
	if err != nil || both.NeedsRotation(fresh) {
		t.Fatalf("%v, still needs rotation: %v", err, both.NeedsRotation(fresh))
	}
	if _, err := both.Reseal(sealed, "channel_grant/chan_2"); err == nil {
		t.Error("resealed for another row")
	}

	last := must(t, entry("new", 2))
	if got, err := last.Open(fresh, row); err != nil || string(got) != "token" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := last.Open(sealed, row); code(err) != "secret_key_missing" || !strings.Contains(err.Error(), `"old"`) {
		t.Errorf("without its key: %v", err)
	}
	if last.Verify("link", "x", signed) {
		t.Error("a signature outlived its key")
	}
}

func TestSignatureHoldsForItsPurposeAndMessage(t *testing.T) {
	k := must(t, entry("one", 1))
	s := k.Sign("oauth_state", "chan_1|1772367300")
	if !k.Verify("oauth_state", "chan_1|1772367300", s) {
		t.Fatal("our own signature was refused")
	}
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
		t.Errorf("%q can't stand in an address", s)
	}
	for i := range len(s) {
		if k.Verify("oauth_state", "chan_1|1772367300", s[:i]) {
			t.Errorf("the first %d characters were accepted", i)
		}
	}
	if k.Verify("approval_link", "chan_1|1772367300", s) || k.Verify("oauth_state", "chan_1|1772367301", s) ||
		k.Verify("oauth_state", "chan_1|1772367300", s+"A") || k.Verify("oauth_state", "chan_1|1772367300", "") ||
		k.Verify("oauth_stat", "echan_1|1772367300", s) || must(t, entry("one", 2)).Verify("oauth_state", "chan_1|1772367300", s) {
		t.Error("a signature was accepted for something else")
	}
}

func TestKeyFileIsMadeOnceForItsOwner(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		group.Go(func() {
			k, err := Load(dir, "")
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = k.Active()
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("starting together made several keys: %v", ids)
		}
	}
	path := filepath.Join(dir, Filename)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}

	k, _ := Load(dir, "")
	sealed, _ := k.Seal([]byte("token"), "row")
	id, err := Rotate(dir)
	if err != nil {
		t.Fatal(err)
	}
	k, err = Load(dir, "")
	if err != nil || k.Active() != id || !k.NeedsRotation(sealed) {
		t.Fatalf("after rotation: %v, active %q", err, k.Active())
	}
	if got, err := k.Open(sealed, "row"); err != nil || string(got) != "token" {
		t.Errorf("%q, %v", got, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("after rotation the file is %v", info.Mode())
	}

	os.Chmod(path, 0o644)
	if _, err := Load(dir, ""); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file open to others: %v", err)
	}
	os.Chmod(path, 0o600)
	os.WriteFile(path, []byte("# nothing\n"), 0o600)
	if _, err := Load(dir, ""); err == nil {
		t.Error("an emptied key file was accepted")
	}
	if raw, _ := os.ReadFile(path); string(raw) != "# nothing\n" {
		t.Error("an emptied key file was replaced, which would hide the loss")
	}
	if _, err := Rotate(t.TempDir()); err == nil {
		t.Error("a missing key file was rotated")
	}
}

func TestKeysFromTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	k, err := Load(dir, entry("b", 2)+","+entry("a", 1))
	if err != nil || k.Active() != "b" {
		t.Fatalf("%v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("a file was made although the environment has keys: %v", left)
	}
	value := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, keySize))
	for _, bad := range []string{"nocolon", "a:", ":" + value, "a:" + value[:20], "a:" + value + "AAAA", "A b:" + value, value,
		entry("a", 1) + "," + entry("a", 2), ",", "# comment", "x/y:" + value} {
		_, err := Load(dir, bad)
		if err == nil {
			t.Errorf("%q was accepted", bad)
		} else if strings.Contains(err.Error(), value[:20]) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

// P7: a copy of what is stored tells nothing.
func TestDumpHoldsNoPlaintext(t *testing.T) {
	dir := t.TempDir()
	k, err := Load(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	const token = "xoxb-1234-PLAINTEXT"
	var dump strings.Builder
	for i := range 100 {
		sealed, err := k.Seal([]byte(token), fmt.Sprintf("channel_grant/chan_%d", i))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := base64.RawURLEncoding.DecodeString(sealed[strings.LastIndex(sealed, ".")+1:])
		dump.WriteString(sealed)
		dump.Write(raw)
	}
	for _, form := range []string{token, "xoxb", "PLAINTEXT", base64.StdEncoding.EncodeToString([]byte(token))[:10], fmt.Sprintf("%x", token)} {
		if strings.Contains(dump.String(), form) {
			t.Errorf("the dump holds %q", form)
		}
	}
}

func TestS31TextShowsNothing(t *testing.T) {
	const value = "hunter2-hunter2"
	secret := NewText(value)
	holder := struct {
		Name     string
		Password Text
		Pointer  *Text
		hidden   Text
		list     []Text
	}{"smtp", secret, &secret, secret, []Text{secret}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb+verb+verb+"\n", secret, holder, &holder)
	}
	fmt.Fprintln(&out, secret, fmt.Errorf("sign in with %v: %w", secret, errors.New("no")), holder.hidden, holder.list)
	raw, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(raw)
	raw, err = json.Marshal(map[Text]Text{secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(raw)
	for _, log := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(log).Info("connecting", "password", secret, "all", holder, "group", slog.GroupValue(slog.Any("p", secret)))
	}
	for _, form := range []string{value, "hunter", fmt.Sprintf("%x", value), fmt.Sprintf("%X", value), fmt.Sprint([]byte(value))} {
		if strings.Contains(out.String(), form) {
			t.Errorf("shown as %q in:\n%s", form, out.String())
		}
	}
	if _, err := secret.Value(); err == nil {
		t.Error("a plain secret could be stored")
	}
	var back Text
	if err := json.Unmarshal([]byte(`"`+value+`"`), &back); err != nil || back.Reveal() != value || back.IsZero() {
		t.Errorf("%v, %q", err, back.Reveal())
	}
	if !(Text{}).IsZero() || (Text{}).Reveal() != "" {
		t.Error("the zero value holds something")
	}
}

func FuzzOpen(f *testing.F) {
	k, err := New(entry("one", 1))
	if err != nil {
		f.Fatal(err)
	}
	sealed, _ := k.Seal([]byte("token"), "row")
	f.Add(sealed)
	f.Add("v1.one.")
	f.Add("v1.one.AAAA")
	f.Fuzz(func(t *testing.T, s string) {
		if plain, err := k.Open(s, "row"); err == nil && string(plain) != "token" {
			t.Fatalf("%q opened to %q", s, plain)
		}
	})
}
