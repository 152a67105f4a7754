package acctest_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/acctest"
	"github.com/servicenowsam/terraform-provider-servicenowsam/internal/vendordouble/trello"
)

// hunter looks for secrets in everything that a run leaves behind, in clear and in the usual encodings.
type hunter struct {
	forms map[string][]byte // what to look for, by its description
}

func newHunter(secrets map[string]string) hunter {
	h := hunter{forms: map[string][]byte{}}
	for name, secret := range secrets {
		add := func(encoding, form string) { h.forms[name+" ("+encoding+")"] = []byte(form) }
		add("literal", secret)
		add("url", url.QueryEscape(secret))
		add("hex", hex.EncodeToString([]byte(secret)))
		quoted, err := json.Marshal(secret)
		if err != nil {
			panic(err) // strings always encode
		}
		add("json", string(quoted[1:len(quoted)-1]))
		// Within a longer text, base64 depends on the position of the secret modulo three. The outermost characters
		// depend on what stands around it.
		for shift := range 3 {
			encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
			inner := strings.TrimRight(encoded, "=")[(shift*8+5)/6:]
			inner = inner[:len(inner)-1]
			add(fmt.Sprintf("base64 at %d", shift), inner)
			add(fmt.Sprintf("base64url at %d", shift), strings.NewReplacer("+", "-", "/", "_").Replace(inner))
		}
	}
	return h
}

// find lists what is in a content. Case does not matter: an encoding may change it.
func (h hunter) find(where string, content []byte) []string {
	var found []string
	lower := bytes.ToLower(content)
	for what, form := range h.forms {
		if bytes.Contains(lower, bytes.ToLower(form)) {
			found = append(found, where+" holds the "+what)
		}
	}
	return found
}

// searchFiles searches every file below a folder, and inside zip files such as saved plans. It tells what it looked at.
func (h hunter) searchFiles(t *testing.T, dir string) (found, searched []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // a file of this test
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		searched = append(searched, name)
		found = append(found, h.find(name, content)...)
		archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return nil //nolint:nilerr // not a zip file
		}
		for _, entry := range archive.File {
			reader, err := entry.Open()
			if err != nil {
				return err
			}
			inner, err := io.ReadAll(reader)
			if err != nil {
				return err
			}
			searched = append(searched, name+"!"+entry.Name)
			found = append(found, h.find(name+"!"+entry.Name, inner)...)
		}
		return nil
	}))
	return found, searched
}

func TestHunterFindsWhatIsPlanted(t *testing.T) {
	t.Parallel()
	const secret = "ATTA0123456789/+abcdef&xyz"
	h := newHunter(map[string]string{"token": secret})
	for name, content := range map[string]string{
		"literal":   "x" + secret + "y",
		"upper":     strings.ToUpper(secret),
		"url":       "https://api.trello.com/1/?token=" + url.QueryEscape(secret) + "&x=1",
		"hex":       hex.EncodeToString([]byte(secret)),
		"json":      `{"a":"ATTA0123456789/+abcdef\u0026xyz"}`,
		"base64 0":  base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 1":  base64.StdEncoding.EncodeToString([]byte("k" + secret + "after")),
		"base64 2":  base64.StdEncoding.EncodeToString([]byte("ke" + secret + "aft")),
		"base64 3":  base64.RawURLEncoding.EncodeToString([]byte("key" + secret)),
		"header":    base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"mixed up":  "\x00\x01" + secret + "\xff",
		"at an end": strings.Repeat("a", 1<<16) + secret,
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "plain"), []byte(content), 0o600))
		found, _ := h.searchFiles(t, dir)
		require.NotEmpty(t, found, "%s in a file", name)

		dir = t.TempDir()
		file, err := os.Create(filepath.Join(dir, "saved.tfplan")) //nolint:gosec // a file of this test
		require.NoError(t, err)
		archive := zip.NewWriter(file)
		entry, err := archive.Create("tfplan")
		require.NoError(t, err)
		_, err = entry.Write([]byte(content))
		require.NoError(t, err)
		require.NoError(t, archive.Close())
		require.NoError(t, file.Close())
		found, searched := h.searchFiles(t, dir)
		require.NotEmpty(t, found, "%s in a zip file; searched %v", name, searched)
	}
	require.Empty(t, h.find("innocent", []byte("ATTA0123456789/+abcde and other texts")))
}

// secretWorld is a world whose secrets come from ephemeral variables, as the guide tells, so that no file of ours holds
// them, with every log that Terraform can write.
type secretWorld struct {
	*acctest.World
	root   *acctest.Root
	output strings.Builder
	hunt   hunter
}

const variables = `
variable "key" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "token" {
  type      = string
  sensitive = true
  ephemeral = true
}
variable "encryption_key" {
  type      = string
  sensitive = true
  ephemeral = true
}
`

func newSecretWorld(t *testing.T, key, token string) *secretWorld {
	t.Helper()
	const encryptionKey = "Zj3 encryption+key/of&this test"
	w := &secretWorld{World: acctest.NewWorld(t, acctest.Options{Members: 12})}
	w.hunt = newHunter(map[string]string{
		"key": w.Double.Key(), "token": w.Double.Token(), "encryption key": encryptionKey,
		"other key": key, "other token": token,
	})
	w.root = w.Root(t, w.config(1, 1)...).UseBinary(t)
	w.root.Env = append(w.root.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(w.root.Dir, "trace.log"),
		"TF_VAR_key="+key, "TF_VAR_token="+token, "TF_VAR_encryption_key="+encryptionKey)
	return w
}

func (w *secretWorld) config(version, run int) []string {
	return []string{
		variables,
		fmt.Sprintf("provider \"servicenowsam\" {\n  embedded = { database_url = %q, encryption_key = var.encryption_key }\n}\n", w.DatabaseURL()),
		fmt.Sprintf("resource \"servicenowsam_connection_alias\" \"trello\" {\n  adopt = \"sn_trello_spoke.Trello_Alias\"\n  connection_url = %q\n"+
			"  api_key = {\n    key_wo = var.key\n    key_wo_version = %[2]d\n    token_wo = var.token\n    token_wo_version = %[2]d\n  }\n}\n",
			w.Double.URL, version),
		w.Profile(), w.Sync(trigger(run)), w.Reclamation(`max_removals = 1000`, `include_personal_data = true`),
	}
}

// setSecrets changes what the variables hold.
func (w *secretWorld) setSecrets(key, token string) {
	w.root.Env = append(w.root.Env, "TF_VAR_key="+key, "TF_VAR_token="+token)
}

func (w *secretWorld) run(t *testing.T, args ...string) acctest.Result {
	t.Helper()
	result := w.root.Run(t, args...)
	w.output.WriteString(result.Output)
	return result
}

// requireNoSecret searches everything, after making sure that there is something to search.
func (w *secretWorld) requireNoSecret(t *testing.T, wantFiles ...string) {
	t.Helper()
	found, searched := w.hunt.searchFiles(t, w.root.Dir)
	inDatabase, databaseFiles := w.hunt.searchFiles(t, filepath.Dir(w.Database))
	found = append(found, inDatabase...)
	found = append(found, w.hunt.find("the output", []byte(w.output.String()))...)
	require.Empty(t, found)
	require.Subset(t, searched, wantFiles, "the search missed a file")
	require.Contains(t, databaseFiles, filepath.Base(w.Database))
	require.NotEmpty(t, w.output.String())
	trace, err := os.ReadFile(filepath.Join(w.root.Dir, "trace.log"))
	require.NoError(t, err)
	for _, proof := range []string{"[TRACE]", "provider.terraform-provider-servicenowsam", "vendor request"} {
		require.Contains(t, string(trace), proof, "the log is not what it should be")
	}
}

func TestAccSecrets_nowhere(t *testing.T) {
	t.Parallel()
	double := acctest.NewWorld(t, acctest.Options{}) // equal seeds have equal credentials
	w := newSecretWorld(t, double.Double.Key(), double.Double.Token())
	applied := w.run(t, "apply", "-json", "-auto-approve", "-input=false")
	require.Zero(t, applied.Code, applied.Errors())
	plan := w.run(t, "plan", "-json", "-detailed-exitcode", "-input=false", "-out=reclaim.tfplan")
	require.Equal(t, 2, plan.Code, plan.Errors())
	w.run(t, "show", "reclaim.tfplan")
	w.run(t, "show", "-json", "reclaim.tfplan")
	applied = w.run(t, "apply", "-json", "-input=false", "reclaim.tfplan")
	require.Zero(t, applied.Code, applied.Errors())
	w.requireNoSecret(t, "main.tf", "terraform.tfstate", "trace.log", "reclaim.tfplan", "reclaim.tfplan!tfplan", "reclaim.tfplan!tfstate")

	// A vendor that repeats what it was sent must not get it into our logs and errors either.
	require.NoError(t, w.Double.Inject(trello.Injection{Fault: trello.FaultEchoSecrets}))
	w.root.Write(t, w.config(1, 2)...)
	failed := w.run(t, "apply", "-json", "-auto-approve", "-input=false")
	require.Equal(t, 1, failed.Code)
	requireAll(t, failed.Errors(), "answered 400", "bad header")
	w.Double.ClearFaults()
	w.requireNoSecret(t, "terraform.tfstate.backup")

	destroyed := w.run(t, "apply", "-destroy", "-json", "-auto-approve", "-input=false")
	require.Zero(t, destroyed.Code, destroyed.Errors())
	w.requireNoSecret(t)
}

func TestAccSecrets_wrongOnesNowhere(t *testing.T) {
	t.Parallel()
	w := newSecretWorld(t, wrongKey, wrongToken)
	failed := w.run(t, "apply", "-json", "-auto-approve", "-input=false")
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Errors(), "The API key is wrong")
	w.requireNoSecret(t, "terraform.tfstate", "trace.log")

	w.setSecrets(w.Double.Key(), wrongToken)
	w.root.Write(t, w.config(2, 1)...)
	failed = w.run(t, "apply", "-auto-approve", "-input=false") // as people see it
	require.Equal(t, 1, failed.Code)
	require.Contains(t, failed.Text(), "The token is wrong or was revoked")
	w.requireNoSecret(t)

	w.setSecrets(w.Double.Key(), w.Double.Token())
	w.root.Write(t, w.config(3, 1)...)
	applied := w.run(t, "apply", "-json", "-auto-approve", "-input=false")
	require.Zero(t, applied.Code, applied.Errors())
	w.requireNoSecret(t)
}
