package conformance

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/connector"
)

// Run runs the suite. Its caller must not be parallel, because one test measures the memory of the process; all others
// are parallel to each other.
func Run(t *testing.T, s Subject) {
	t.Helper()
	t.Run("memory is bounded by a page", func(t *testing.T) { memory(t, s) })
	for name, test := range map[string]func(*testing.T, Subject){
		"everybody is listed once":                     everybodyOnce,
		"disorder loses nobody":                        disorder,
		"drift loses nobody":                           drift,
		"a hidden mail address leaves a name":          hiddenMail,
		"each limit is waited out":                     limits,
		"the limits are kept":                          limitsKept,
		"a list that repeats is an error":              loops,
		"a list of nobody is not complete":             nobody,
		"passing trouble is survived":                  passingTrouble,
		"lasting trouble is an error of its kind":      lastingTrouble,
		"the caller can end a walk":                    ending,
		"a wrong credential is a failed check":         wrongCredential,
		"validation passes and writes nothing":         validation,
		"a licence is reclaimed once":                  reclaimTwice,
		"a lost answer is read back":                   lostAnswer,
		"a stranger's licence is gone already":         stranger,
		"activity is re-read":                          activity,
		"activity that is not told is not inactivity":  untold,
		"a gap in the list is confirmed":               swap,
		"presence is told or an error":                 presence,
		"an outcome that is not known is an error too": unknownOutcome,
		"the look-back ends to the second":             lookBackEdge,
		"a pull goes on where the last one ended":      watermark,
		"a pull that is cut short is continued":        cutShort,
		"a refused token is renewed once":              renewal,
		"a missing scope is no reason to renew":        missingScope,
		"a snapshot only reads and keeps little":       snapshotOnlyReads,
		"a snapshot costs no request":                  snapshotIsFree,
		"a licence goes and comes back":                roundTrip,
		"a licence that others gave back is held":      restoredByOthers,
		"nobody without a licence has a snapshot":      snapshotOfNobody,
		"without its record nothing is given back":     noRecord,
		"a restore in trouble tells what is the case":  restoreInTrouble,
		"a refused credential gives nothing back":      restoreWithAWrongCredential,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

func (s Subject) start(t testing.TB, members int) (Fixture, *Clock) {
	t.Helper()
	clock := NewClock(noon)
	return s.Start(t, Options{Members: members, Clock: clock}), clock
}

func collect(ctx context.Context, c connector.Connector) (map[string]connector.Subscription, connector.Walk, error) {
	all := map[string]connector.Subscription{}
	walk, err := c.Subscriptions(ctx, func(page []connector.Subscription) error {
		for _, s := range page {
			if _, twice := all[s.ExternalUserID]; twice {
				return fmt.Errorf("%s was emitted twice", s.ExternalUserID)
			}
			all[s.ExternalUserID] = s
		}
		return nil
	})
	return all, walk, err
}

func wrongCredential(t *testing.T, s Subject) {
	f, _ := s.start(t, 3)
	for name := range f.Secrets {
		const wrong = "wrong-secret-0123456789"
		c := f.Connect(map[string]connector.Secret{name: connector.NewSecret(wrong)})
		report, err := c.Validate(t.Context())
		require.NoError(t, err)
		require.False(t, report.OK)
		require.NotEmpty(t, report.Checks)
		shown := fmt.Sprintf("%+v", report)
		_, _, err = collect(t.Context(), c)
		require.Equal(t, connector.KindCredentials, connector.KindOf(err), "%v", err)
		shown += fmt.Sprintf("%v %+v %#v", err, err, err)
		for _, secret := range f.Secrets {
			require.NotContains(t, shown, secret)
		}
		require.NotContains(t, shown, wrong)
	}
}

func validation(t *testing.T, s Subject) {
	f, _ := s.start(t, 30)
	before := f.Holders()
	report, err := f.Connect(nil).Validate(t.Context())
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)
	require.NotEmpty(t, report.Checks)
	require.Equal(t, before, f.Holders())

	f.Inject(t, Down, 0)
	_, err = f.Connect(nil).Validate(t.Context())
	require.Equal(t, connector.KindUnavailable, connector.KindOf(err), "what could not be checked is an error, not a failed check")
}
