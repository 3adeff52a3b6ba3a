package publish

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// keyRing has one ed25519 key a role. More keys a role, thresholds and keys kept
// elsewhere find their place here.
type keyRing struct {
	dir string
	key map[string]ed25519.PrivateKey
}

func roles() []string {
	return []string{metadata.ROOT, metadata.TARGETS, metadata.SNAPSHOT, metadata.TIMESTAMP}
}

func keyFile(dir, role string) string { return filepath.Join(dir, "keys", role+".key") }

// makeKeys writes four new keys as PKCS #8 PEM files.
func makeKeys(dir string) (*keyRing, error) {
	if err := os.MkdirAll(filepath.Join(dir, "keys"), 0o700); err != nil {
		return nil, err
	}
	ring := &keyRing{dir: dir, key: map[string]ed25519.PrivateKey{}}
	for _, role := range roles() {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", role, err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", role, err)
		}
		block := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		if err := writeFile(keyFile(dir, role), block); err != nil {
			return nil, err
		}
		ring.key[role] = private
	}
	return ring, nil
}

// openKeys reads nothing yet.
func openKeys(dir string) *keyRing {
	return &keyRing{dir: dir, key: map[string]ed25519.PrivateKey{}}
}

// signer reads the key of a role when it is first needed, so that the root key may be
// kept away from a machine that only pushes.
func (k *keyRing) signer(role string) (signature.Signer, error) {
	private := k.key[role]
	if private == nil {
		file := keyFile(k.dir, role)
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, fmt.Errorf("%s: no PEM block", file)
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		var ok bool
		if private, ok = parsed.(ed25519.PrivateKey); !ok {
			return nil, fmt.Errorf("%s: not an ed25519 key", file)
		}
		k.key[role] = private
	}
	return signature.LoadSigner(private, crypto.Hash(0))
}

// sign puts the one signature of a role on a document and gives its bytes.
func sign[T metadata.Roles](k *keyRing, role string, m *metadata.Metadata[T]) ([]byte, error) {
	s, err := k.signer(role)
	if err != nil {
		return nil, fmt.Errorf("%s key: %w", role, err)
	}
	m.ClearSignatures()
	if _, err := m.Sign(s); err != nil {
		return nil, fmt.Errorf("sign %s: %w", role, err)
	}
	doc, err := m.ToBytes(false)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", role, err)
	}
	return doc, nil
}
