package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// meter runs the licensing job of another day, and gives its figures.
func (w *world) meter() store.Row {
	w.t.Helper()
	w.clock.advance(day)
	var said []string
	require.NoError(w.t, w.RunDue(w.t.Context(), func(line string) { said = append(said, line) }))
	counts := w.find(dictionary.TableMetering, "ORDERBYDESC"+dictionary.SysCreatedOn)
	require.NotEmpty(w.t, counts)
	require.Contains(w.t, said, dictionary.JobMetering+": "+counts[0][dictionary.MeteringCount]+" users counted, "+
		counts[0][dictionary.MeteringExcluded]+" excluded")
	return counts[0]
}

func TestMeteringCountsPeopleNotSubscriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 30)
	w.publish()
	w.refresh()
	figures := w.meter()
	require.Equal(t, "30", figures[dictionary.MeteringCount])
	require.Equal(t, "15", figures[dictionary.MeteringRatio])
	require.Equal(t, "2.00", figures[dictionary.MeteringUnits])
	require.Equal(t, dictionary.MeteringSaaSUser, figures[dictionary.MeteringCategory])

	// The same people at another vendor, one of them in other letters, and one more, count once each.
	alias := w.insert(dictionary.TableAlias, store.Row{"name": "elsewhere", "parent": trelloAlias})
	other := w.insert(dictionary.TableProfile, store.Row{
		"display_name": "Elsewhere", "profile_type": dictionary.TypeTrello, "connection_credential": alias["sys_id"],
	})
	people := w.find(dictionary.TableSubscription, "user_principal_nameLIKE@")
	upn := people[0][dictionary.SubscriptionUPN]
	for id, name := range map[string]string{"1": strings.ToUpper(upn), "2": people[1][dictionary.SubscriptionUPN], "3": "one.more@example.com", "4": ""} {
		w.insert(dictionary.TableSubscription, store.Row{
			dictionary.SubscriptionProfile: other["sys_id"], dictionary.SubscriptionExternalUserID: id, dictionary.SubscriptionUPN: name,
		})
	}
	w.insert(dictionary.TableSubscription, store.Row{
		dictionary.SubscriptionProfile: other["sys_id"], dictionary.SubscriptionExternalUserID: "5",
		dictionary.SubscriptionUPN: "gone@example.com", dictionary.SubscriptionActive: "false",
	})
	require.Equal(t, "31", w.meter()[dictionary.MeteringCount])

	// Who holds one subscription that is not excluded still counts.
	byType := w.insert(dictionary.TableUserExclusion, store.Row{dictionary.ExclusionUser: people[1][dictionary.SubscriptionUPN]})
	figures = w.meter()
	require.Equal(t, []string{"30", "2.00", "1"}, []string{
		figures[dictionary.MeteringCount], figures[dictionary.MeteringUnits], figures[dictionary.MeteringExcluded],
	})
	w.update(dictionary.TableUserExclusion, byType["sys_id"], store.Row{dictionary.ExclusionProfileType: dictionary.TypeAsana})
	require.Equal(t, "31", w.meter()[dictionary.MeteringCount])
	w.insert(dictionary.TableIdentifierExclusion, identifierRule())
	figures = w.meter()
	require.Equal(t, "3", figures[dictionary.MeteringCount], "their subscriptions elsewhere have no such identifier")
	require.Equal(t, "28", figures[dictionary.MeteringExcluded])
	require.Len(t, w.find(dictionary.TableMetering, ""), 5, "one row a day")

	_, err := w.Insert(t.Context(), dictionary.TableMetering, store.Row{dictionary.MeteringCount: "1"}, store.WriteOptions{})
	var denied *store.DeniedError
	require.ErrorAs(t, err, &denied)
}
