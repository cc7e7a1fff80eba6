package account_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/bellwether-social/bellwether/internal/db"
	"github.com/bellwether-social/bellwether/internal/db/dbtest"
	"github.com/bellwether-social/bellwether/internal/fault"
)

func (h *house) turnOn(t *testing.T) (secretKey string, recovery []string) {
	t.Helper()
	ctx := context.Background()
	n, err := h.BeginTOTP(ctx, h.user)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ConfirmTOTP(ctx, h.user, n.Step, "000000"); !fault.Is(err, fault.Invalid) {
		t.Fatalf("a wrong first code: %v", err)
	}
	recovery, err = h.ConfirmTOTP(ctx, h.user, n.Step, h.code(t, n.Secret))
	if err != nil || len(recovery) != 10 {
		t.Fatalf("confirm: %v, %v", recovery, err)
	}
	h.pass(time.Minute)
	return n.Secret, recovery
}

func (h *house) code(t *testing.T, key string) string {
	t.Helper()
	code, err := totp.GenerateCode(key, h.now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (h *house) half(t *testing.T) string {
	t.Helper()
	_, second, err := h.SignIn(context.Background(), email, good, here)
	if err != nil || second == "" {
		t.Fatalf("no second step: %q, %v", second, err)
	}
	return second
}

func TestACodeOfTheSecondFactorWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		key, _ := h.turnOn(t)
		code := h.code(t, key)
		if u, err := h.SecondStep(ctx, h.half(t), code, here); err != nil || u.ID != h.user.ID {
			t.Fatalf("%+v, %v", u, err)
		}
		if _, err := h.SecondStep(ctx, h.half(t), code, here); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same code again: %v", err)
		}
		h.pass(time.Minute)
		step := h.half(t)
		if _, err := h.SecondStep(ctx, step, h.code(t, key), here); err != nil {
			t.Fatal(err)
		}
		if _, err := h.SecondStep(ctx, step, h.code(t, key), here); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same step again: %v", err)
		}
		stored, err := db.One[string](ctx, h.db, `select totp_secret from users where id = $1`, h.user.ID)
		if err != nil || strings.Contains(stored, key) || !strings.HasPrefix(stored, "v1.") {
			t.Errorf("the secret is stored as %q", stored)
		}
	})
}

func TestARecoveryCodeWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := context.Background()
		_, recovery := h.turnOn(t)
		if _, err := h.SecondStep(ctx, h.half(t), strings.ToUpper(recovery[3]), here); err != nil {
			t.Fatal(err)
		}
		if _, err := h.SecondStep(ctx, h.half(t), recovery[3], here); !fault.Is(err, fault.Invalid) {
			t.Errorf("a used recovery code: %v", err)
		}
		if left, err := h.RecoveryLeft(ctx, h.user); err != nil || left != 9 {
			t.Errorf("%d left, %v", left, err)
		}
		renewed, err := h.RenewRecovery(ctx, h.user)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.SecondStep(ctx, h.half(t), recovery[4], here); !fault.Is(err, fault.Invalid) {
			t.Errorf("an old code after renewal: %v", err)
		}
		h.pass(time.Hour)
		if _, err := h.SecondStep(ctx, h.half(t), renewed[0], here); err != nil {
			t.Errorf("a new code: %v", err)
		}
	})
}

func TestCodesCannotBeGuessed(t *testing.T) {
	h := open(t, dbtest.SQLite(t), "http://localhost")
	h.turnOn(t)
	step, heard := h.half(t), 0
	for range 300 {
		_, err := h.SecondStep(context.Background(), step, "123123", here)
		if fault.Is(err, fault.Invalid) {
			heard++
		}
		h.pass(time.Second)
	}
	if heard > 15 {
		t.Errorf("%d codes were heard in five minutes", heard)
	}
}
