package engine

import "time"

// The wire forms of dates (servicenow.com/docs, Table API: dates are UTC).
const (
	dateTimeLayout = "2006-01-02 15:04:05"
	dateLayout     = time.DateOnly
)

func formatDateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(dateTimeLayout)
}

func formatDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(dateLayout)
}

// parseDateTime reads a wire date-time; false for an empty or malformed one.
func parseDateTime(s string) (time.Time, bool) {
	t, err := time.Parse(dateTimeLayout, s)
	return t, err == nil
}
