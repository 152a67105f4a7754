package trello

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/companion"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

const (
	opReclaim = "take the licence of an enterprise member"
	// writeTries is how often a write is sent whose effect was unclear and then read back as absent.
	writeTries = 3
	// adminsAge is how old the list of the enterprise's admins may be before a write. One request a minute keeps it fresh.
	adminsAge = time.Minute
)

// Reclaim implements connector.Reclaimer. Taking the licence also deactivates the member in the enterprise: the person
// keeps a free Trello account and loses the enterprise's boards.
func (t *Trello) Reclaim(ctx context.Context, externalUserID string) (connector.Result, error) {
	e, err := t.enterpriseOfAge(ctx, adminsAge)
	if err != nil {
		return notBegun(err)
	}
	me, err := t.self(ctx)
	if err != nil {
		return notBegun(err)
	}
	if err := t.checkAdmins(e, me); err != nil {
		return notBegun(err)
	}
	if externalUserID == me.ID {
		return connector.Result{
			Outcome: companion.OutcomeSkippedSelf,
			Message: "This is the account of the connection itself. Without its licence the connection would stop working; reclaim it by hand if you must",
		}, nil
	}
	if slices.Contains(e.IDAdmins, externalUserID) {
		return skippedAdmin(e), nil
	}
	m, known := t.members.Take(externalUserID, t.clock.Now())
	if !known {
		m, err = t.readMember(ctx, e.ID, externalUserID)
	}
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return alreadyGone(), nil
	case err != nil:
		return notBegun(err)
	case slices.Contains(m.IDEnterprisesAdmin, e.ID):
		return skippedAdmin(e), nil
	}
	return t.takeLicence(ctx, e, externalUserID)
}

func skippedAdmin(e *enterprise) connector.Result {
	return connector.Result{
		Outcome: companion.OutcomeSkippedAdmin,
		Message: fmt.Sprintf("The member is an admin of the enterprise %s. Remove the admin role in Trello first if the licence shall go", e.label()),
	}
}

func alreadyGone() connector.Result {
	return connector.Result{
		Outcome: companion.OutcomeAlreadyGone,
		Message: "The member holds no licence of the enterprise any more",
	}
}

// notBegun makes a result of an error before the write. A missing right is an answer; after anything else the caller may
// begin again.
func notBegun(err error) (connector.Result, error) {
	result, unknown := settle(err)
	if unknown == nil && result.Outcome == companion.OutcomeDenied {
		return result, nil
	}
	return result, fmt.Errorf("%w: %w", connector.ErrNothingSent, err)
}

// takeLicence writes, and reads back whatever the answer left open.
func (t *Trello) takeLicence(ctx context.Context, e *enterprise, id string) (connector.Result, error) {
	var lost error
	for range writeTries {
		err := t.revoke(ctx, e, id)
		switch {
		case err == nil:
			return done(lost != nil), nil
		case lost == nil && errors.Is(err, connector.ErrNothingSent):
			return connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}, err
		case !connector.CannotTell(err):
			return t.refused(ctx, e, id, err)
		case ctx.Err() != nil:
			return connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}, inDoubt(err)
		}
		lost = err
		gone, readErr := t.licenceGone(ctx, e.ID, id)
		if readErr != nil {
			return connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()},
				inDoubt(fmt.Errorf("%w; reading the member back failed too: %w", err, readErr))
		}
		if gone {
			return done(true), nil
		}
		if errors.Is(err, connector.ErrNothingSent) {
			break
		}
	}
	return connector.Result{
		Outcome: companion.OutcomeFailed,
		Message: lost.Error() + " (read back: the member still holds the licence)",
	}, nil
}

func done(afterLoss bool) connector.Result {
	message := "Trello took the licence and deactivated the member in the enterprise; the person keeps a free account"
	if afterLoss {
		message = "Trello's answer was lost, but reading back shows that the licence is gone and the member deactivated"
	}
	return connector.Result{Outcome: companion.OutcomeDone, Message: message}
}

var errStillActive = errors.New("Trello answered that it did so, but the member is still active in the enterprise") //nolint:staticcheck // begins with a name

// write sends a change of a member once.
func (t *Trello) write(ctx context.Context, e *enterprise, id, op, what string, value bool) (*member, error) {
	var m member
	_, err := t.client.Do(ctx, connector.Request{
		Method: http.MethodPut,
		Path:   memberPath(e.ID, id) + "/" + what,
		Query:  url.Values{"value": {strconv.FormatBool(value)}},
		Op:     op,
		Object: "member " + id,
		Once:   true,
		Decode: connector.Into(&m),
	})
	if connector.KindOf(err) == connector.KindBadAnswer {
		// The write may have taken effect behind an answer that cannot be read.
		var failure *connector.Error
		errors.As(err, &failure)
		failure.Kind = connector.KindUnavailable
		return nil, failure
	}
	return &m, err
}

// revoke sends the write once and checks its effect.
func (t *Trello) revoke(ctx context.Context, e *enterprise, id string) error {
	m, err := t.write(ctx, e, id, opReclaim, "licensed", false)
	if err != nil || m.deactivatedIn(e.ID) {
		return err
	}
	read, err := t.readMember(ctx, e.ID, id)
	switch {
	case connector.KindOf(err) == connector.KindNotFound:
		return nil
	case err != nil:
		return inDoubt(err)
	case read.IDEnterprisesDeactivated == nil || read.deactivatedIn(e.ID):
		// Where Trello does not tell, its 200 has to do.
		return nil
	}
	return &connector.Error{
		Vendor: vendorName, Op: opReclaim, Object: "member " + id, Kind: connector.KindRefused, Err: errStillActive,
		Advice: "Look at the member in Trello; if the enterprise is linked to an Atlassian organisation, licences are managed there",
	}
}

// refused finds out why Trello refused: the licence may be gone already, or somebody else manages it.
func (t *Trello) refused(ctx context.Context, e *enterprise, id string, refusal error) (connector.Result, error) {
	kind := connector.KindOf(refusal)
	if errors.Is(refusal, errStillActive) {
		return connector.Result{Outcome: companion.OutcomeFailed, Message: refusal.Error()}, nil
	}
	if kind != connector.KindCredentials {
		gone, err := t.licenceGone(ctx, e.ID, id)
		if connector.CannotTell(err) {
			return connector.Result{Outcome: companion.OutcomeFailed, Message: refusal.Error()}, err
		}
		if err == nil && gone {
			return alreadyGone(), nil
		}
	}
	switch {
	case kind == connector.KindManagedElsewhere:
		return connector.Result{Outcome: companion.OutcomeManagedElsewhere, Message: refusal.Error()}, nil
	case e.linkedToAtlassian() && kind == connector.KindRefused, e.linkedToAtlassian() && connector.StatusOf(refusal) == http.StatusForbidden:
		// Trello answers a missing right with 401. What else it refuses, it refuses whoever asks.
		return connector.Result{
			Outcome: companion.OutcomeManagedElsewhere,
			Message: fmt.Sprintf("%s. The enterprise belongs to an Atlassian organisation: %s", refusal, lowerFirst(adviceElsewhere)),
		}, nil
	}
	return settle(refusal)
}

// settle makes a result of an error that is an answer, and passes on one that leaves the outcome open.
func settle(err error) (connector.Result, error) {
	result := connector.Result{Outcome: companion.OutcomeFailed, Message: err.Error()}
	if connector.CannotTell(err) {
		return result, err
	}
	switch connector.KindOf(err) {
	case connector.KindPermission, connector.KindCredentials:
		result.Outcome = companion.OutcomeDenied
	}
	return result, nil
}

// inDoubt makes an error that leaves open what a write did look like nothing else: neither like one of a write that was
// never sent, as of one of its tries, nor like an answer, as of the reading back.
func inDoubt(err error) error {
	doubt := &connector.Error{
		Vendor: vendorName, Op: "tell what became of a write", Kind: connector.KindUnavailable, Err: errors.New(err.Error()),
		Advice: "Run again; the member is read before anything is sent once more",
	}
	for _, ended := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, ended) {
			doubt.Err = fmt.Errorf("%w: %w", ended, doubt.Err)
		}
	}
	return doubt
}

// licenceGone reads the member back.
func (t *Trello) licenceGone(ctx context.Context, enterpriseID, id string) (bool, error) {
	m, err := t.readMember(ctx, enterpriseID, id)
	if connector.KindOf(err) == connector.KindNotFound {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return m.deactivatedIn(enterpriseID), nil
}

// linkedToAtlassian tells whether Trello says that the enterprise is linked to an Atlassian organisation. The link alone
// does not prove that licences are managed there, but it explains a refusal.
func (e *enterprise) linkedToAtlassian() bool { return e.IsAtlassianOrg || e.AtlOrgID != "" }
