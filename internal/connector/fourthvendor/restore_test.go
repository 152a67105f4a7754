package fourthvendor_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// takenSeat is all that Lantern needs to give a seat back.
type takenSeat struct {
	Seat string `json:"seat"`
}

func (l *lantern) Snapshot(ctx context.Context, id string) (json.RawMessage, error) {
	begin := l.clock.Now()
	s, err := l.seat(ctx, id)
	if err != nil {
		return nil, err
	}
	l.seats.Put(id, s, begin)
	return json.Marshal(takenSeat{Seat: s.ID})
}

func (l *lantern) Restore(ctx context.Context, id string, snapshot json.RawMessage) (connector.Restored, error) {
	failed := func(err error) (connector.Restored, error) {
		r := connector.Restored{Outcome: companion.RestoreFailed, Message: err.Error()}
		if connector.CannotTell(err) {
			return r, err
		}
		return r, nil
	}
	var taken takenSeat
	if json.Unmarshal(snapshot, &taken) != nil || taken.Seat != id {
		return connector.Restored{Outcome: companion.RestoreNotPossible, Message: "There is no record of the seat; give it by hand in Lantern"}, nil //nolint:nilerr // the answer is that it cannot be undone
	}
	holds, err := l.Holds(ctx, id)
	switch {
	case err != nil:
		return failed(err)
	case holds:
		return connector.Restored{Outcome: companion.RestoreAlreadyHeld, Message: "The person holds a seat already"}, nil
	}
	_, err = l.client.Do(ctx, connector.Request{
		Method: http.MethodPut, Path: "/v1/seats/" + url.PathEscape(id), Op: "give a seat again", Object: "seat " + id, Once: true,
	})
	holds, readErr := l.Holds(context.WithoutCancel(ctx), id)
	switch {
	case readErr == nil && holds:
		return connector.Restored{Outcome: companion.RestoreDone, Message: "Lantern gave the seat again"}, nil
	case readErr != nil:
		return failed(readErr)
	case err != nil:
		return connector.Restored{Outcome: companion.RestoreFailed, Message: err.Error()}, nil //nolint:nilerr // the outcome is known: there is no seat
	}
	return connector.Restored{Outcome: companion.RestoreFailed, Message: "Lantern said yes, and there is no seat"}, nil
}
