package app_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bellwether-social/bellwether/e2e/app"
)

// TestMain plays the program when the tests start themselves as one, so that the harness is judged without the
// product: it speaks the command line that cmd/bellwether speaks.
func TestMain(m *testing.M) {
	if os.Getenv("PLAY_THE_PROGRAM") == "" {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "serve", "demo":
		l, err := net.Listen("tcp", os.Getenv("BELLWETHER_ADDR"))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		go func() {
			_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = fmt.Fprint(w, os.Getenv("BELLWETHER_DATA"), " ", os.Getenv("DATABASE_URL"), " ", os.Getenv("SECRET_OF_THE_CALLER"))
			}))
		}()
		fmt.Printf("listening on http://%s\n", l.Addr())
		if os.Args[1] == "demo" {
			fmt.Printf("sign in at http://%s/sign-in/link/token\n", l.Addr())
		}
		<-stop
		fmt.Fprintln(os.Stderr, "stopped in order")
	case "doctor":
		fmt.Println("database: well")
		os.Exit(3)
	}
}

func play(t *testing.T) []string {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("BELLWETHER_BINARY", self)
	return []string{"PLAY_THE_PROGRAM=1"}
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestProgramRunsInItsOwnEnvironment(t *testing.T) {
	t.Setenv("SECRET_OF_THE_CALLER", "leaked")
	a := app.Serve(t, app.Options{Env: play(t), Database: "postgres://there"})
	if got, want := get(t, a.URL), a.Data+" postgres://there "; got != want {
		t.Errorf("the program sees %q, want %q", got, want)
	}
	a.Stop()
	if !strings.Contains(a.Log(), "stopped in order") || a.ExitCode() != 0 {
		t.Errorf("it ended with %d and said %q", a.ExitCode(), a.Log())
	}
}

func TestKilledProgramComesBackAtItsAddress(t *testing.T) {
	env := play(t)
	a := app.Serve(t, app.Options{Env: env})
	a.Kill()
	if !a.Ended() || a.ExitCode() != -1 || strings.Contains(a.Log(), "stopped in order") {
		t.Errorf("it ended with %d and said %q", a.ExitCode(), a.Log())
	}
	b := app.Serve(t, app.Options{Env: env, Addr: a.Addr, Data: a.Data})
	if a.URL != b.URL {
		t.Errorf("it came back at %s, was at %s", b.URL, a.URL)
	}
}

func TestDemoSaysHowToSignIn(t *testing.T) {
	a := app.Demo(t, app.Options{Env: play(t)})
	if want := a.URL + "/sign-in/link/token"; a.SignIn != want {
		t.Errorf("the link is %q, want %q", a.SignIn, want)
	}
}

func TestCommandsRunToTheirEnd(t *testing.T) {
	out, err := app.Run(t, app.Options{Env: play(t)}, "doctor")
	if !strings.Contains(out, "database: well") || err == nil {
		t.Errorf("doctor said %q, %v", out, err)
	}
}

func TestRealProgramIsBuiltAndAnswers(t *testing.T) {
	a := app.Serve(t, app.Options{})
	if got := get(t, a.URL); !strings.Contains(strings.ToLower(got), "<!doctype html>") {
		t.Errorf("it answers %.200q, want a page", got)
	}
	if _, err := os.Stat(filepath.Join(a.Data, "bellwether.db")); err != nil {
		t.Errorf("its data is not in its folder: %v", err)
	}
	a.Stop()
}
