package provider_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/dictionary"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// TestAccProvider_secretsStayOut runs the whole path with everything logged, vendor errors included, and then looks for the
// secrets in whatever was written: state, plan files, logs, output, and the database.
func TestAccProvider_secretsStayOut(t *testing.T) {
	t.Parallel()
	w := acctest.NewWorld(t, acctest.Options{})
	const variables = "variable \"key\" {\n  type = string\n  ephemeral = true\n}\nvariable \"token\" {\n  type = string\n  ephemeral = true\n}\n" +
		"variable \"encryption_key\" {\n  type = string\n  sensitive = true\n}\n"
	encryptionKey := "an encryption key of this test"
	block := fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q, encryption_key = var.encryption_key }\n}\n", w.DatabaseURL())
	alias := func(version int) string {
		return fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"trello\" {\n  adopt = \"sn_trello_spoke.Trello_Alias\"\n"+
			"  connection_url = %q\n  api_key = {\n    key_wo = var.key\n    key_wo_version = %d\n    token_wo = var.token\n"+
			"    token_wo_version = %d\n  }\n}\n", w.Double.URL, version, version)
	}
	root := w.Root(t, variables, block, alias(1), w.Profile(), w.Sync(), w.Reclamation(`max_removals = 100`)).UseBinary(t)
	logs := t.TempDir()
	root.Env = append(root.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(logs, "trace.log"),
		"TF_VAR_key="+w.Double.Key(), "TF_VAR_token="+w.Double.Token(), "TF_VAR_encryption_key="+encryptionKey)

	var outputs bytes.Buffer
	apply := func() int {
		plan := root.MustPlan(t)
		result := plan.Apply(t)
		outputs.WriteString(plan.Output + result.Output)
		return result.Code
	}
	require.Zero(t, apply())
	require.Zero(t, apply(), "the reclaim")
	root.Write(t, variables, block, alias(2), w.Profile(), w.Sync(`triggers = { again = "1" }`), w.Reclamation(`max_removals = 100`))
	for _, fault := range []trello.Fault{trello.FaultEchoSecrets, trello.FaultHTML, trello.FaultExpiredToken} {
		require.NoError(t, w.Double.Inject(trello.Injection{Fault: fault}))
		require.Equal(t, 1, apply(), "%s", fault)
		w.Double.ClearFaults()
	}
	require.Zero(t, apply())
	credential := w.Find(t, dictionary.TableAPIKeyCredential, "")[0]
	fmt.Fprintln(&outputs, credential)

	written := map[string][]byte{"outputs and REST answers": outputs.Bytes()}
	for _, dir := range []string{root.Dir, logs, filepath.Dir(w.Database)} {
		collect(t, dir, written)
	}
	require.Contains(t, string(written[filepath.Join(logs, "trace.log")]), dictionary.TableAPIKeyCredential, "requests are not logged")
	require.NotEmpty(t, written[w.Database])
	require.NotEmpty(t, written[filepath.Join(root.Dir, "terraform.tfstate")])
	for name, content := range written {
		for what, secret := range map[string]string{"key": w.Double.Key(), "token": w.Double.Token()} {
			for _, form := range []string{
				secret, base64.StdEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)),
			} {
				require.False(t, bytes.Contains(content, []byte(form)), "the %s is in %s", what, name)
			}
		}
		if filepath.Ext(name) == ".log" || name == w.Database {
			require.False(t, bytes.Contains(content, []byte(encryptionKey)), "the encryption key is in %s", name)
		}
	}
}

// collect reads all files below a folder, and the members of those that are zip archives, as plan files are.
func collect(t *testing.T, dir string, into map[string][]byte) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		into[path] = content
		if archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err == nil {
			for _, member := range archive.File {
				opened, err := member.Open()
				require.NoError(t, err)
				inner, err := io.ReadAll(opened)
				require.NoError(t, err)
				into[path+"!"+member.Name] = inner
			}
		}
		return nil
	}))
}
