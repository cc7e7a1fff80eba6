package customer

import (
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/text/currency"

	"github.com/bellwether-social/bellwether/internal/fault"
)

// KnownCurrency reports whether code is an ISO 4217 currency.
func KnownCurrency(code string) bool {
	_, err := currency.ParseISO(code)
	return err == nil && code != "XXX" && code != "XTS"
}

// Digits is how many decimals a currency's minor unit has (ISO 4217): EUR 2, JPY 0, KWD 3.
func Digits(code string) int {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	digits, _ := currency.Standard.Rounding(unit)
	return digits
}

// Format writes minor units as a decimal number of the currency: 1234 EUR is 12.34.
func Format(minor int64, code string) string {
	digits := Digits(code)
	if digits == 0 {
		return fmt.Sprint(minor)
	}
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	s := fmt.Sprintf("%0*d", digits+1, minor)
	return sign + s[:len(s)-digits] + "." + s[len(s)-digits:]
}

// Parse reads a decimal number into minor units. Both 1,234.50 and 1.234,50 are understood: the last of the two
// marks is the decimal one when no more than the currency's decimals follow it. More decimals than the currency
// has are refused, never rounded.
func Parse(s, code string) (int64, error) {
	text := strings.TrimSpace(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "’", "").Replace(s))
	digits := Digits(code)
	point := strings.LastIndexAny(text, ".,")
	whole, part := text, ""
	if point >= 0 {
		tail := text[point+1:]
		other := strings.ContainsAny(text[:point], ".,")
		thousands := len(tail) == 3 && (digits != 3 || other) && !strings.ContainsAny(text[:point], otherMark(text[point]))
		if !thousands {
			whole, part = text[:point], tail
		}
	}
	whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
	if len(part) > digits && strings.Trim(part[digits:], "0") == "" {
		part = part[:digits]
	}
	if len(part) > digits {
		return 0, fault.Invalidf("amount", "%q has more decimals than %s", clip(s), code)
	}
	number, ok := new(big.Int).SetString(whole+part+strings.Repeat("0", digits-len(part)), 10)
	if !ok || whole == "" || strings.ContainsAny(part, "+-") {
		return 0, fault.Invalidf("amount", "%q is not an amount", clip(s))
	}
	if !number.IsInt64() || number.CmpAbs(big.NewInt(1_000_000_000_000_00)) > 0 {
		return 0, fault.Invalidf("amount", "%q is too large to be an amount", clip(s))
	}
	return number.Int64(), nil
}

func otherMark(mark byte) string {
	if mark == '.' {
		return ","
	}
	return "."
}
