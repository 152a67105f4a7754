package trello_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func TestALicenceMovesToDeactivatedAndBack(t *testing.T) {
	t.Parallel()
	d := newDouble(30)
	id := d.Members(1, trello.IdleSince(noon.AddDate(0, 0, -60)))[0].ID
	base := "/1/enterprises/" + d.EnterpriseID()
	total := func() int {
		var e struct{ Licenses struct{ TotalMembers int } }
		get(t, d, base+"?fields=licenses", &e)
		return e.Licenses.TotalMembers
	}
	for range 2 {
		resp, body := call(t, d, "PUT", base+"/members/"+id+"/licensed?value=false", signedIn(d)...)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Contains(t, body, `"idEnterprisesDeactivated":["`+d.EnterpriseID()+`"]`)
		require.Equal(t, 29, total())
	}
	for _, route := range []string{"deactivated?value=false", "licensed?value=true"} {
		_, body := call(t, d, "PUT", base+"/members/"+id+"/"+route, signedIn(d)...)
		require.Contains(t, body, `"idEnterprisesDeactivated":[]`)
		require.Equal(t, 30, total())
	}
	resp, _ := call(t, d, "PUT", base+"/members/"+id+"/licensed", signedIn(d)...)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Len(t, d.Requests().Writes, 4)
}

func TestALicenceNeedsASeat(t *testing.T) {
	t.Parallel()
	d := trello.New(trello.Options{Members: 30, NoBudgets: true, Now: func() time.Time { return noon }})
	who := d.Members(1, trello.IdleSince(noon.AddDate(0, 0, -60)))[0]
	path := "/1/enterprises/" + d.EnterpriseID() + "/members/" + who.ID
	require.NoError(t, d.Inject(trello.Injection{Fault: trello.FaultNoSeats}))
	licence := func(value string) int {
		resp, _ := call(t, d, "PUT", path+"/licensed?value="+value, signedIn(d)...)
		return resp.StatusCode
	}
	require.Equal(t, http.StatusOK, licence("true"), "whoever holds one keeps it")
	require.Equal(t, http.StatusOK, licence("false"))
	require.Equal(t, http.StatusBadRequest, licence("true"))
	d.ClearFaults()
	require.NoError(t, d.Inject(trello.Injection{Fault: trello.FaultKeepsBlocked}))
	require.Equal(t, http.StatusOK, licence("true"))
	after, _ := d.Find(who.ID)
	require.True(t, after.Licensed && after.Deactivated)
	_, _ = call(t, d, "PUT", path+"/deactivated?value=false", signedIn(d)...)
	after, _ = d.Find(who.ID)
	require.True(t, after.Licensed && !after.Deactivated)

	require.True(t, d.Expel(who.ID))
	require.Equal(t, http.StatusNotFound, licence("true"))
}
