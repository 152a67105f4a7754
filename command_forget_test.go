package main

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

func TestForget_refuses(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "sam.db")
	for want, o := range map[string]forgetOptions{
		"use --user":                  {database: database},
		"no database is named":        {user: "anna@example.com"},
		"the database does not exist": {database: database, user: "anna@example.com"},
	} {
		require.ErrorContains(t, forget(t.Context(), o, io.Discard, io.Discard), want)
	}
	require.NoFileExists(t, database)
}

func TestAccForget_saysWhatItDid(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{Members: 20})
	w.Root(t, w.ProviderBlock(), w.Alias(), w.Profile(),
		acctest.Resource("subscription_sync", "trello", `profile_id = servicenowsam_integration_profile.trello.id`)).MustApply(t)
	person := w.Double.Members(1, func(m trello.Member) bool { return m.Licensed && m.Email != "" })[0]
	run := func(dryRun bool) string {
		var out bytes.Buffer
		require.NoError(t, forget(t.Context(), forgetOptions{w.DatabaseURL(), person.Email, dryRun}, &out, io.Discard))
		require.NotContains(t, out.String(), person.Email, "the output may end up in a log")
		return out.String()
	}
	require.Contains(t, run(true), "nothing was changed")
	require.Len(t, w.Find(t, dictionary.TableUser, "email="+person.Email), 1)
	said := run(false)
	require.Contains(t, said, "Done:")
	require.Contains(t, said, dictionary.TableUser)
	require.Contains(t, said, `"Trello" listed this account last`)
	require.Empty(t, w.Find(t, dictionary.TableUser, "email="+person.Email))
	require.Contains(t, run(false), "Nothing is stored about this person")
}
