package restapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/store"
)

// BenchmarkKeyset reads all subscriptions of a profile by keyset pages of 1000 rows. Rows per second must not fall with
// the number of rows.
func BenchmarkKeyset(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			i := newInstance(b)
			require.NoError(b, i.db.Update(b.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(b.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < ?)
					INSERT INTO samp_sw_subscription (sys_id, external_user_id, user_principal_name, subscription_profile, last_activity)
					SELECT printf('%032x', i), 'ext' || i, 'user' || i || '@example.com', ?, '2026-10-01 10:00:00' FROM n`, n, testID)
				return err
			}))
			read := 0
			for b.Loop() {
				read += walk(b, i, "subscription_profile="+testID)
			}
			require.Zero(b, read%n)
			b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func walk(b *testing.B, i instance, filter string) int {
	read, last := 0, ""
	for {
		v := url.Values{
			"sysparm_query":                      {filter + "^sys_id>" + last + "^ORDERBYsys_id"},
			"sysparm_fields":                     {"sys_id,external_user_id,user_principal_name,last_activity,inactive_days,subscription_profile,user"},
			"sysparm_limit":                      {"1000"},
			"sysparm_no_count":                   {"true"},
			"sysparm_exclude_reference_link":     {"true"},
			"sysparm_suppress_pagination_header": {"true"},
		}
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, table+dictionary.TableSubscription+"?"+v.Encode(), nil)
		r.Header.Set("Accept", "application/json")
		w := httptest.NewRecorder()
		i.ServeHTTP(w, r)
		var page struct {
			Result []struct {
				SysID string `json:"sys_id"`
			} `json:"result"`
		}
		require.NoError(b, json.Unmarshal(w.Body.Bytes(), &page))
		if len(page.Result) == 0 {
			return read
		}
		read += len(page.Result)
		last = page.Result[len(page.Result)-1].SysID
	}
}
