package api

import (
	"context"
	"html/template"
	"net/http"
	"time"

	"github.com/bellwether-social/bellwether/internal/delivery"
	"github.com/bellwether-social/bellwether/internal/workspace"
)

// Delivery is the journalled execution of one outward effect.
type Delivery struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind"`
	ChannelID  string     `json:"channel_id"`
	TargetID   string     `json:"target_id,omitempty"`
	MessageID  string     `json:"message_id,omitempty"`
	State      string     `json:"state"`
	Reason     string     `json:"reason,omitempty"`
	Hint       string     `json:"hint,omitempty"`
	DueAt      time.Time  `json:"due_at"`
	AcceptedAt time.Time  `json:"accepted_at,omitzero"`
	LateByMS   int64      `json:"late_by_ms"`
	RemoteID   string     `json:"remote_id,omitempty"`
	URL        string     `json:"url,omitempty"`
	CheckedAt  time.Time  `json:"checked_at,omitzero" doc:"When it was last read back from the network."`
	PreviousID string     `json:"previous_id,omitempty"`
	Steps      []Step     `json:"steps,omitempty"`
	Attempts   []Attempt  `json:"attempts,omitempty"`
	Sightings  []Sighting `json:"sightings,omitempty" doc:"Posts met on the channel that may be what this delivery has made."`
}

// Step is one planned call of a delivery.
type Step struct {
	Name   string    `json:"name"`
	Part   int       `json:"part"`
	Kind   string    `json:"kind"`
	Public bool      `json:"public"`
	State  string    `json:"state"`
	SentAt time.Time `json:"sent_at,omitzero"`
	Reason string    `json:"reason,omitempty"`
}

// Attempt is one call or look-up of a step.
type Attempt struct {
	Step      string    `json:"step"`
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at,omitzero" doc:"Absent: the answer was lost."`
	Class     string    `json:"class,omitempty"`
	Detail    string    `json:"detail,omitempty"`
}

// Sighting is a post met on the channel that may be what a delivery has made.
type Sighting struct {
	RemoteID string    `json:"remote_id"`
	URL      string    `json:"url,omitempty"`
	Text     string    `json:"text,omitempty"`
	Media    int       `json:"media"`
	At       time.Time `json:"at"`
	Fit      float64   `json:"fit" doc:"How alike the texts are, 0 to 1."`
}

func deliveryOf(d delivery.Delivery) Delivery {
	return Delivery{ID: d.ID, Kind: string(d.Kind), ChannelID: d.ChannelID, TargetID: d.TargetID, MessageID: d.MessageID, State: string(d.State), Reason: d.Reason, Hint: d.Hint, DueAt: d.DueAt,
		AcceptedAt: d.AcceptedAt, LateByMS: d.LateBy.Milliseconds(), RemoteID: d.RemoteID, URL: d.URL, CheckedAt: d.CheckedAt, PreviousID: d.PreviousID}
}

func (a *API) deliveries() {
	const tag = "Deliveries"
	on(a, "GET", "/deliveries", tag, "List deliveries, the latest due first", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *struct {
		Group   string `query:"group" enum:"open,unknown,needs_human,failed,verified"`
		Channel string `query:"channel_id"`
		Target  string `query:"target_id"`
		Cursor  string `query:"cursor"`
		Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	}) (*Body[Page[Delivery]], error) {
		f := delivery.Filter{Group: delivery.Group(in.Group), ChannelID: in.Channel, TargetID: in.Target, Limit: in.Limit}
		var err error
		if f.BeforeAt, f.BeforeID, err = cursor(in.Cursor); err != nil {
			return nil, err
		}
		rows, more, err := a.Journal.List(ctx, actor, f)
		page := Page[Delivery]{Items: []Delivery{}}
		for _, d := range rows {
			page.Items = append(page.Items, deliveryOf(d.Delivery))
		}
		if more {
			last := rows[len(rows)-1]
			page.Next = last.DueAt.Format(time.RFC3339Nano) + "~" + last.ID
		}
		return body(page), err
	})
	on(a, "GET", "/deliveries/{id}", tag, "Read a delivery with its steps and attempts", workspace.PostRead, func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Delivery], error) {
		d, err := a.Journal.Get(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		out := deliveryOf(d)
		steps, err := a.Journal.Steps(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range steps {
			out.Steps = append(out.Steps, Step{s.Name, s.Part, string(s.Kind), s.Public, string(s.State), s.SentAt, s.Reason})
		}
		attempts, err := a.Journal.Attempts(ctx, actor, in.ID)
		for _, t := range attempts {
			out.Attempts = append(out.Attempts, Attempt{t.Step, t.StartedAt, t.EndedAt, t.Class, t.Detail})
		}
		if err != nil {
			return nil, err
		}
		seen, err := a.Journal.Sightings(ctx, actor, in.ID)
		for _, s := range seen {
			out.Sightings = append(out.Sightings, Sighting{s.RemoteID, s.Item.URL, s.Item.Text, s.Item.MediaCount, s.Item.At, s.Fit})
		}
		return body(out), err
	})
	on(a, "POST", "/deliveries/{id}/resolve", tag, "Decide about a delivery in doubt", "", func(ctx context.Context, actor workspace.Actor, in *struct {
		ID   string `path:"id"`
		Body struct {
			Answer string `json:"answer" enum:"live,not_live,give_up"`
			URL    string `json:"url,omitempty"`
			Seen   string `json:"sighting,omitempty" doc:"The remote id of a sighting that is the one; with the answer live."`
		}
	}) (*struct{}, error) {
		if in.Body.Seen != "" && in.Body.Answer == string(delivery.IsLive) {
			return nil, a.Journal.ThatIsIt(ctx, actor, in.ID, in.Body.Seen)
		}
		return nil, a.Journal.Resolve(ctx, actor, in.ID, delivery.Answer(in.Body.Answer), in.Body.URL)
	})
	on(a, "POST", "/deliveries/{id}/retry", tag, "Send again what a failed delivery has not achieved", "", func(ctx context.Context, actor workspace.Actor, in *byID) (*Body[Delivery], error) {
		d, err := a.Journal.Retry(ctx, actor, in.ID)
		return body(deliveryOf(d)), err
	})
	on(a, "DELETE", "/targets/{id}", tag, "Delete a published target on its network", workspace.PostSchedule, func(ctx context.Context, actor workspace.Actor, in *byID) (*struct{}, error) {
		_, err := a.Journal.Delete(ctx, actor, in.ID)
		return nil, err
	})
}

// docs lists every operation as a plain page, readable without script; the OpenAPI document beside it is for programs.
var docs = template.Must(template.New("docs").Parse(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Bellwether API</title></head><body>
<main><h1>Bellwether API</h1><p>The same verbs and rights as the screens. Send an API key as <code>Authorization: Bearer …</code>; make one under <a href="/settings/keys">Settings</a>.
The description for programs: <a href="{{.Prefix}}/openapi.json">OpenAPI 3.1 as JSON</a>, <a href="{{.Prefix}}/openapi.yaml">as YAML</a>.</p>
<p>Every POST takes an <code>Idempotency-Key</code>: the same key and body give the same answer for 24 hours. Lists give <code>next</code>, the cursor of the next page. Refusals are <code>application/problem+json</code> with <code>code</code>, <code>field</code> and <code>hint</code>.</p>
{{range .Groups}}<h2>{{.Name}}</h2><table><thead><tr><th scope="col">Call</th><th scope="col">What</th><th scope="col">Needs the right</th></tr></thead><tbody>{{range .Ops}}<tr><td><code>{{.Method}} {{.Path}}</code></td><td>{{.Summary}}</td><td>{{if .Need}}{{.Need}}{{else}}any key{{end}}</td></tr>{{end}}</tbody></table>{{end}}
</main></body></html>`))

type docGroup struct {
	Name string
	Ops  []Operation
}

func (a *API) serveDocs(w http.ResponseWriter) {
	var groups []docGroup
	at := map[string]int{}
	for _, o := range a.ops {
		i, ok := at[o.Tag]
		if !ok {
			i = len(groups)
			at[o.Tag] = i
			groups = append(groups, docGroup{Name: o.Tag})
		}
		groups[i].Ops = append(groups[i].Ops, o)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = docs.Execute(w, map[string]any{"Prefix": Prefix, "Groups": groups})
}
