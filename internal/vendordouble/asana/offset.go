package asana

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// offsetLife is how long an offset is good: exp - iat of one that was published (brainiky.org,
// asana-api-accessing-pagination-data).
const offsetLife = 900 * time.Second

// formatOffset signs a position in a list. round tells apart offsets of the same position.
func (d *Double) formatOffset(position, round int) string {
	payload := fmt.Appendf(nil, "%d.%d.%d", position, round, d.now().Add(offsetLife).Unix())
	return base64.RawURLEncoding.EncodeToString(payload) + "." + d.sign(payload)
}

func (d *Double) sign(payload []byte) string {
	mac := hmac.New(sha256.New, fmt.Appendf(nil, "offsets of %d", d.seed))
	mac.Write(payload)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}

// parseOffset returns the message of a refusal where the offset is not good.
func (d *Double) parseOffset(offset string) (position, round int, refusal string) {
	if offset == "" {
		return 0, 0, ""
	}
	const invalid = "offset: Your pagination token is invalid."
	encoded, signature, _ := strings.Cut(offset, ".")
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || d.sign(payload) != signature {
		return 0, 0, invalid
	}
	var until int64
	if _, err := fmt.Sscanf(string(payload), "%d.%d.%d", &position, &round, &until); err != nil {
		return 0, 0, invalid
	}
	if d.now().Unix() > until {
		return 0, 0, "offset: Your pagination token has expired."
	}
	return position, round, ""
}
