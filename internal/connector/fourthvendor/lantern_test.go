package fourthvendor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	vendorName = "Lantern"
	pageSize   = 100
)

// lantern is the connector: a bearer token, a list by offset that tells the last login, and a DELETE for a seat.
type lantern struct {
	client *connector.Client
	clock  connector.Clock
	seats  connector.Handover[seat]
}

type seat struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Mail      string    `json:"mail"`
	Created   time.Time `json:"created"`
	LastLogin time.Time `json:"last_login"`
	Admin     bool      `json:"admin"`
}

type seatPage struct {
	Total int    `json:"total"`
	Seats []seat `json:"seats"`
}

// newLantern is a connector.Factory.
func newLantern(cfg connector.Config) (connector.Connector, error) {
	base, err := connector.ParseBaseURL(cfg.BaseURL, []string{"api.lantern.example"})
	if err != nil {
		return nil, &connector.Error{Vendor: vendorName, Op: "read the connection", Kind: connector.KindConfig, Err: err}
	}
	token := cfg.Secrets["token"]
	if token.Empty() {
		return nil, &connector.Error{Vendor: vendorName, Op: "read the credential", Kind: connector.KindConfig, Advice: "It has no token"}
	}
	var limits []*connector.Limiter
	if !cfg.Unlimited {
		limits = append(limits, connector.NewLimiter(connector.Budget{Name: "Lantern's limit", Requests: 100, Per: 10 * time.Second}, cfg.Clock))
	}
	clock := cfg.Clock
	if clock == nil {
		clock = connector.SystemClock{}
	}
	return &lantern{clock: clock, client: connector.NewClient(connector.ClientConfig{
		Limits: limits, Vendor: vendorName, BaseURL: base, Transport: cfg.Transport, Tokens: connector.StaticToken(token),
		Secrets: []connector.Secret{token}, Clock: cfg.Clock, Log: cfg.Log,
	})}, nil
}

func (l *lantern) Requests() int { return l.client.Requests() }

func (l *lantern) page(ctx context.Context, offset, size int) (seatPage, error) {
	var p seatPage
	_, err := l.client.Do(ctx, connector.Request{
		Path: "/v1/seats", Query: url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(size)}},
		Op: "list seats", Decode: connector.Into(&p),
	})
	return p, err
}

func (l *lantern) seat(ctx context.Context, id string) (seat, error) {
	var s seat
	_, err := l.client.Do(ctx, connector.Request{
		Path: "/v1/seats/" + url.PathEscape(id), Op: "read a seat", Object: "seat " + id, Decode: connector.Into(&s),
	})
	return s, err
}

func (l *lantern) Validate(ctx context.Context) (connector.Report, error) {
	return l.check(ctx, connector.ProcessDownload)
}

func (l *lantern) Preflight(ctx context.Context) (connector.Report, error) {
	return l.check(ctx, connector.ProcessReclaim)
}

func (l *lantern) check(ctx context.Context, process string) (connector.Report, error) {
	var list connector.Checklist
	p, err := l.page(ctx, 0, 1)
	list.Call(process, err, func() string { return fmt.Sprintf("listed seats: %d in use", p.Total) })
	return list.Result(err)
}

func (l *lantern) Tenant(context.Context) (id, name string, err error) {
	return "the-only-one", vendorName, nil
}

func (l *lantern) Subscriptions(ctx context.Context, emit func([]connector.Subscription) error) (connector.Walk, error) {
	first, err := l.page(ctx, 0, 1)
	walk := connector.Walk{Total: first.Total}
	if err != nil {
		return walk, err
	}
	seen := connector.NewSeen(first.Total)
	var batch []connector.Subscription
	offsets := connector.Offsets{Size: pageSize, Expected: first.Total, Ahead: 4}
	pass := func() error {
		return connector.WalkOffsets(ctx, offsets, func(ctx context.Context, offset int) (seatPage, int, error) {
			p, err := l.page(ctx, offset, pageSize)
			return p, len(p.Seats), err
		}, func(p seatPage) (fresh int, err error) {
			batch = batch[:0]
			for _, s := range p.Seats {
				isFresh, isNew := seen.Add(s.ID)
				if isFresh {
					fresh++
				}
				if isNew {
					batch = append(batch, s.subscription())
				}
			}
			if len(batch) == 0 {
				return fresh, nil
			}
			return fresh, emit(batch)
		})
	}
	if err := pass(); err != nil {
		return walk, explain(err)
	}
	last, err := l.page(ctx, 0, 1)
	if err != nil {
		return walk, err
	}
	if last.Total != first.Total {
		seen.NextPass()
		if err := pass(); err != nil {
			return walk, explain(err)
		}
	}
	walk.Total = last.Total
	walk.Complete = 2*seen.Len() >= walk.Total
	if seen.Len() < walk.Total {
		walk.Warnings = append(walk.Warnings, fmt.Sprintf("%s counts %d seats and lists %d", vendorName, walk.Total, seen.Len()))
	}
	return walk, nil
}

func explain(err error) error {
	if errors.Is(err, connector.ErrLoop) {
		return &connector.Error{Vendor: vendorName, Op: "list seats", Kind: connector.KindLoop, Err: err}
	}
	return err
}

func (s seat) subscription() connector.Subscription {
	upn := s.Mail
	if upn == "" {
		upn = fmt.Sprintf("%s (%s)", s.Name, s.ID)
	}
	return connector.Subscription{
		ExternalUserID: s.ID, UserPrincipalName: upn, Email: s.Mail, FullName: s.Name, Identifier: "Lantern",
		ExternalCreated: s.Created, LastActivity: s.LastLogin,
	}
}

func (l *lantern) LastActivity(ctx context.Context, id string) (time.Time, error) {
	s, err := l.seat(ctx, id)
	return s.LastLogin, err
}

func (l *lantern) Holds(ctx context.Context, id string) (bool, error) {
	_, err := l.seat(ctx, id)
	if connector.KindOf(err) == connector.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

func (l *lantern) Reclaim(ctx context.Context, id string) (connector.Result, error) {
	s, known := l.seats.Take(id, l.clock.Now())
	var err error
	if !known {
		s, err = l.seat(ctx, id)
	}
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return connector.Result{Outcome: companion.OutcomeAlreadyGone, Message: "Lantern knows of no such seat"}, nil
	case err != nil:
		return connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}, fmt.Errorf("%w: %w", connector.ErrNothingSent, err)
	case s.Admin:
		return connector.Result{Outcome: companion.OutcomeSkippedAdmin, Message: "an administrator keeps the seat"}, nil
	}
	_, err = l.client.Do(ctx, connector.Request{
		Method: http.MethodDelete, Path: "/v1/seats/" + url.PathEscape(id), Op: "give a seat back", Object: "seat " + id, Once: true,
	})
	holds, readErr := l.Holds(context.WithoutCancel(ctx), id)
	switch {
	case readErr == nil && !holds:
		return connector.Result{Outcome: companion.OutcomeDone, Message: "Lantern took the seat back"}, nil
	case readErr != nil:
		return connector.Result{Outcome: companion.OutcomeFailed, Message: readErr.Error()}, readErr
	case err != nil:
		return connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}, nil //nolint:nilerr // the outcome is known: the seat is still there
	}
	return connector.Result{Outcome: companion.OutcomeFailed, Message: "Lantern said yes, and the seat is still there"}, nil
}
