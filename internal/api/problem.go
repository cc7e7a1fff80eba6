package api

import (
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/bellwether-social/bellwether/internal/fault"
	"github.com/bellwether-social/bellwether/internal/id"
)

// Problem is a refusal as RFC 9457 words it, with the field at fault and the next step.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail"`
	Code      string `json:"code" doc:"Stable word for programs."`
	Field     string `json:"field,omitempty"`
	Hint      string `json:"hint,omitempty"`
	RequestID string `json:"request_id"`
}

func (p *Problem) Error() string             { return p.Detail }
func (p *Problem) GetStatus() int            { return p.Status }
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statusOf = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Forbidden: http.StatusForbidden, fault.Conflict: http.StatusConflict,
	fault.Rejected: http.StatusUnprocessableEntity, fault.Later: http.StatusServiceUnavailable, fault.Unauthorised: http.StatusUnauthorized,
	fault.Unknown: http.StatusBadGateway, fault.Internal: http.StatusInternalServerError,
}

func asProblem(err error) *Problem {
	f := fault.As(err)
	p := &Problem{Type: "about:blank", Status: statusOf[f.Kind], Detail: f.Message, Code: f.Code, Field: f.Field, Hint: f.Hint, RequestID: id.New("req")}
	p.Title = http.StatusText(p.Status)
	if p.Code == "" {
		p.Code = string(f.Kind)
	}
	if f.Kind == fault.Internal {
		slog.Error("API request failed", "request", p.RequestID, "error", err)
	}
	return p
}

func init() {
	// What huma itself refuses (a body that does not fit its schema) has the same shape as our own refusals.
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: message, Code: "schema", RequestID: id.New("req")}
		if len(errs) > 0 && errs[0] != nil {
			p.Detail = errs[0].Error()
			if d, ok := errs[0].(huma.ErrorDetailer); ok {
				p.Field, p.Detail = d.ErrorDetail().Location, d.ErrorDetail().Message
			}
		}
		return p
	}
}
