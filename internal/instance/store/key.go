package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"
)

const (
	minKeyLength = 16
	sealedPrefix = "snsam1:" // names the format: AES-256-GCM, nonce first, base64
	keyInfo      = "servicenowsam column encryption 1"
	macInfo      = "servicenowsam marks 1"

	keyCheckContext = "snsam_meta/key_check"
	keyCheckText    = "servicenowsam"
)

// key seals and opens the values of password2 columns. The context ties a sealed value to its place, so that one cannot
// be moved to another row.
type key struct {
	aead cipher.AEAD
	mac  []byte
}

func newKey(secret string) (*key, error) {
	derived, err := hkdf.Key(sha256.New, []byte(secret), nil, keyInfo, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, []byte(secret), nil, macInfo, 32)
	if err != nil {
		return nil, err
	}
	return &key{aead: aead, mac: mac}, nil
}

func (k *key) seal(place, clear string) (string, error) {
	nonce := make([]byte, k.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return "", err
	}
	return sealedPrefix + base64.StdEncoding.EncodeToString(k.aead.Seal(nonce, nonce, []byte(clear), []byte(place))), nil
}

// mark is what a text is known by without being told: the same for the same text and place, and nothing without the key.
func (k *key) mark(place, text string) string {
	h := hmac.New(sha256.New, k.mac)
	_, _ = h.Write([]byte(place + "\x00" + text))
	return hex.EncodeToString(h.Sum(nil))
}

func (k *key) open(place, sealed string) (string, error) {
	encoded, ok := strings.CutPrefix(sealed, sealedPrefix)
	if !ok {
		return "", errors.New("the value is not sealed")
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) < k.aead.NonceSize() {
		return "", errors.New("the sealed value is damaged")
	}
	clear, err := k.aead.Open(nil, raw[:k.aead.NonceSize()], raw[k.aead.NonceSize():], []byte(place))
	if err != nil {
		return "", errors.New("the sealed value does not open with this key")
	}
	return string(clear), nil
}

// check compares the key with the one that the database was created with.
func (k *key) check(ctx context.Context, q rowQueryer) error {
	var sealed string
	err := q.QueryRowContext(ctx, "SELECT value FROM snsam_meta WHERE key = ?", metaKeyCheck).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // a stand-in holds no secrets
	}
	if err != nil {
		return err
	}
	if _, err := k.open(keyCheckContext, sealed); err != nil {
		return &KeyError{
			Reason: "it is not the key that this database was created with",
			Advice: "Set encryption_key to the former value, or, if none was set, put the former .key file back beside the database",
		}
	}
	return nil
}

// keyring holds the key once it is known.
type keyring struct{ key *key }

// keyFor returns the configured key, or that of the key file, which create may make. The caller holds d.mu.
func (d *Database) keyFor(path string, create bool) (*key, error) {
	if d.keys.key != nil {
		return d.keys.key, nil
	}
	secret := d.options.EncryptionKey
	if secret == "" {
		var err error
		if secret, err = readKeyFile(path+".key", create); err != nil {
			return nil, err
		}
	}
	k, err := newKey(secret)
	if err != nil {
		return nil, err
	}
	d.keys.key = k
	return k, nil
}

// checkConfiguredKey lets even a plan find a wrong key, where one is configured.
func (d *Database) checkConfiguredKey(ctx context.Context, q rowQueryer) error {
	if d.options.EncryptionKey == "" {
		return nil
	}
	k, err := d.keyFor(d.absolute, false)
	if err != nil {
		return err
	}
	return k.check(ctx, q)
}

// readKeyFile reads the key file. With create it makes the file if there is none; of several processes one wins.
func readKeyFile(path string, create bool) (string, error) {
	raw, err := os.ReadFile(path) //nolint:gosec // the path is that of the database, which the user chose
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		if err := writeKeyFile(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", &KeyError{Reason: "the key file " + path + " cannot be written", Advice: "Make the directory writable, or set encryption_key", Err: err}
		}
		return readKeyFile(path, false)
	case errors.Is(err, fs.ErrNotExist):
		return "", &KeyError{
			Reason: "the key file " + path + " does not exist and no encryption_key is set",
			Advice: "Put the key file back from the backup, or set encryption_key to what the database was created with",
		}
	case err != nil:
		return "", &KeyError{Reason: "the key file " + path + " cannot be read", Advice: "Make it readable for this user only (mode 0600)", Err: err}
	}
	secret := strings.TrimSpace(string(raw))
	if len(secret) < minKeyLength {
		return "", &KeyError{Reason: "the key file " + path + " is damaged", Advice: "Put the key file back from the backup"}
	}
	return secret, nil
}

// writeKeyFile makes a key file. It appears complete or not at all.
func writeKeyFile(path string) error {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	temporary := path + "." + newUUID()
	if err := os.WriteFile(temporary, []byte(base64.StdEncoding.EncodeToString(random)+"\n"), 0o600); err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary) }()
	return os.Link(temporary, path)
}
