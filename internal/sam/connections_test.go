package sam_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/instance/restapi"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/sam"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/servicenow"
)

func TestAliasLifecycle(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	shipped, err := w.sam.Aliases.FindByID(ctx, dictionary.TrelloAlias)
	require.NoError(t, err)
	require.Equal(t, "Trello_Alias", shipped.Name)

	alias, err := w.sam.Aliases.Create(ctx, sam.AliasInput{Name: "Trello_Second", ProfileType: dictionary.TypeTrello})
	require.NoError(t, err)
	require.Equal(t, "Trello_Second", alias.ID, "REST creates in the global scope")
	require.Equal(t, dictionary.TrelloTemplate, alias.Template)
	require.Equal(t, dictionary.AliasTypeConnection, alias.Type)
	_, err = w.sam.Aliases.Create(ctx, sam.AliasInput{Name: "Trello_Second"})
	var exists *sam.ExistsError
	require.ErrorAs(t, err, &exists)
	require.Equal(t, alias.SysID, exists.SysID)
	found, err := w.sam.Aliases.FindByName(ctx, "Trello_Second")
	require.NoError(t, err)
	require.Equal(t, alias, found)

	require.NoError(t, w.sam.Aliases.Delete(ctx, alias.SysID))
	_, err = w.sam.Aliases.Get(ctx, alias.SysID)
	require.ErrorIs(t, err, sam.ErrNotFound)
	var rule *sam.BusinessRuleError
	require.ErrorAs(t, w.sam.Aliases.Delete(ctx, shipped.SysID), &rule)
}

func TestConnectionLifecycle(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	alias, err := w.sam.Aliases.FindByID(ctx, dictionary.TrelloAlias)
	require.NoError(t, err)
	_, err = w.sam.Aliases.Connection(ctx, alias.SysID)
	require.ErrorIs(t, err, sam.ErrNotFound)

	input := w.connection(alias.SysID)
	saved, err := w.sam.Aliases.SaveConnection(ctx, input)
	require.NoError(t, err)
	require.True(t, saved.Active)
	require.Equal(t, w.double.URL+"/", saved.URL)
	read, err := w.sam.Aliases.Connection(ctx, alias.SysID)
	require.NoError(t, err)
	require.Equal(t, saved, read)

	// The same again changes nothing, with and without the secrets.
	again, err := w.sam.Aliases.SaveConnection(ctx, input)
	require.NoError(t, err)
	require.Equal(t, saved, again)
	input.Credential.APIKey, input.Credential.APIToken = "", ""
	again, err = w.sam.Aliases.SaveConnection(ctx, input)
	require.NoError(t, err)
	require.Equal(t, saved, again)

	// New secrets show in the credential's counter alone.
	input.Credential.APIKey, input.Credential.APIToken = w.double.Key(), "another token"
	rotated, err := w.sam.Aliases.SaveConnection(ctx, input)
	require.NoError(t, err)
	require.Greater(t, rotated.Credential.Meta.ModCount, saved.Credential.Meta.ModCount)
	require.Equal(t, saved.Meta, rotated.Meta)

	// Somebody deactivates the connection: it is still found.
	_, err = w.rest.Update(ctx, dictionary.TableHTTPConnection, saved.SysID, servicenow.Values{dictionary.ConnectionActive: "false"})
	require.NoError(t, err)
	read, err = w.sam.Aliases.Connection(ctx, alias.SysID)
	require.NoError(t, err)
	require.False(t, read.Active)

	require.NoError(t, w.sam.Aliases.DeleteConnection(ctx, read))
	require.NoError(t, w.sam.Aliases.DeleteConnection(ctx, read), "gone is done")
	_, err = w.rest.Get(ctx, dictionary.TableAPIKeyCredential, read.Credential.SysID, servicenow.ReadOptions{})
	require.ErrorIs(t, err, sam.ErrNotFound)

	input.Credential.APIKey, input.Credential.APIToken = "", ""
	_, err = w.sam.Aliases.SaveConnection(ctx, input)
	require.ErrorIs(t, err, sam.ErrNotFound)
	require.ErrorContains(t, err, "raise the version")
}

func TestConnectionNameIsTaken(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	w := newWorld(t, worldOptions{})
	first := w.connect(t)
	alias, err := w.sam.Aliases.Create(ctx, sam.AliasInput{Name: "Second"})
	require.NoError(t, err)
	_, err = w.sam.Aliases.SaveConnection(ctx, w.connection(alias.SysID))
	require.ErrorIs(t, err, sam.ErrExists)
	var taken *sam.ConnectionTakenError
	require.ErrorAs(t, err, &taken)
	require.Equal(t, sam.ConnectionTakenError{
		Name: first.Name, SysID: first.SysID, AliasSysID: first.AliasSysID, AliasID: dictionary.TrelloAlias,
	}, *taken)
}

// Whichever request is the last that works, the next SaveConnection finishes the job.
func TestSaveConnectionCanBeInterruptedAnywhere(t *testing.T) {
	t.Parallel()
	for _, broken := range []struct{ method, path string }{
		{"POST", dictionary.TableAPIKeyCredential}, {"PATCH", dictionary.TableAPIKeyCredential}, {"POST", dictionary.TableHTTPConnection},
	} {
		t.Run(broken.method+" "+broken.path, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			w := newWorld(t, worldOptions{members: 2})
			alias, err := w.sam.Aliases.FindByID(ctx, dictionary.TrelloAlias)
			require.NoError(t, err)
			w.faults.Inject(restapi.Fault{Kind: restapi.FaultForbidden, Method: broken.method, Path: broken.path})
			_, err = w.sam.Aliases.SaveConnection(ctx, w.connection(alias.SysID))
			require.ErrorIs(t, err, sam.ErrDenied)
			w.faults.Clear()
			w.connect(t)
			profile, err := w.sam.Profiles.Create(ctx, sam.ProfileInput{DisplayName: "Trello", ProfileType: dictionary.TypeTrello})
			require.NoError(t, err)
			_, err = w.sam.Profiles.Validate(ctx, profile.SysID, nil)
			require.NoError(t, err)
			n, err := w.rest.Count(ctx, dictionary.TableAPIKeyCredential, servicenow.Where())
			require.NoError(t, err)
			require.Equal(t, 1, n, "nothing is left behind")
		})
	}
}

func TestSecretsAreNotInTheDatabaseInClear(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := newWorld(t, worldOptions{path: filepath.Join(dir, "sam.db")})
	connection := w.connect(t)
	record, err := w.rest.Get(t.Context(), dictionary.TableAPIKeyCredential, connection.Credential.SysID, servicenow.ReadOptions{})
	require.NoError(t, err)
	for column, value := range record {
		require.NotContains(t, value.Value, w.double.Token(), column)
		require.NotContains(t, value.Value, w.double.Key(), column)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(dir, file.Name()))
		require.NoError(t, err)
		require.False(t, bytes.Contains(content, []byte(w.double.Token())), file.Name())
		require.False(t, bytes.Contains(content, []byte(w.double.Key())), file.Name())
	}
}
