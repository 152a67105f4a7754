package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// A refresh compares fingerprints, so each compared column must make it look when somebody else changes it.
func TestRefreshRestoresWhatSomebodyElseChanged(t *testing.T) {
	t.Parallel()
	const members = 25
	for column, value := range map[string]string{
		dictionary.SubscriptionUPN:             "somebody.else@example.com",
		dictionary.SubscriptionExternalCreated: "2001-02-03 04:05:06",
		dictionary.SubscriptionLastActivity:    "2001-02-03",
		dictionary.SubscriptionExternalUserID:  "unknown-to-the-vendor",
		dictionary.SubscriptionIdentifier:      "unknown-to-the-vendor",
	} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, members)
			w.publish()
			w.refresh()
			before := w.find(dictionary.TableSubscription, "last_activityISNOTEMPTY^external_createdISNOTEMPTY")[0]
			w.overwrite(dictionary.TableSubscription, before[dictionary.SysID], store.Row{column: value})

			o := w.refresh()
			require.Equal(t, members-1, o.Unchanged)
			require.Equal(t, 1, o.Updated+o.Created)
			key := dictionary.SubscriptionExternalUserID + "=" + before[dictionary.SubscriptionExternalUserID]
			after := w.find(dictionary.TableSubscription, key)
			require.Len(t, after, 1)
			require.Equal(t, before[column], after[0][column])
			require.Equal(t, members, w.count(dictionary.TableSubscription, ""), "a key that the vendor does not list is gone")

			o = w.refresh()
			require.Equal(t, members, o.Unchanged)
			require.Zero(t, o.RowsWritten)
		})
	}
}

func TestSubscriptionsMadeElsewhereAreKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 25)
	w.publish()
	w.refresh()
	s := w.find(dictionary.TableSubscription, "")[0]
	require.NoError(t, w.Delete(t.Context(), dictionary.TableSubscription, s[dictionary.SysID]))
	delete(s, dictionary.SysID)
	made := w.insert(dictionary.TableSubscription, s)

	o := w.refresh()
	require.Equal(t, 25, o.Unchanged)
	require.Zero(t, o.RowsWritten)
	require.Equal(t, made, w.get(dictionary.TableSubscription, made[dictionary.SysID]))
}
