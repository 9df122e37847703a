package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/credgate/credgate/gate/field"
)

// A Date is a day in UTC. The zero value is no date.
type Date struct{ t time.Time }

// DateOf is the day of t in UTC.
func DateOf(t time.Time) Date {
	y, m, d := t.UTC().Date()
	return Date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// ParseDate reads "2026-06-01". A day that no calendar has is an error.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%s is no date (hint: 2026-06-01)", field.Quote(s))
	}
	return Date{t}, nil
}

// Time is the start of the day in UTC, the zero time for no date.
func (d Date) Time() time.Time { return d.t }

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d.t.IsZero() }

// Past tells whether the day is over at now. What is due on a day may still be
// done on it.
func (d Date) Past(now time.Time) bool {
	return !d.IsZero() && !now.Before(d.t.AddDate(0, 0, 1))
}

// Days counts the days from the day of now until d, negative when d is before.
func (d Date) Days(now time.Time) int {
	return int(d.t.Sub(DateOf(now).t) / (24 * time.Hour))
}

// Add is the day that is v after d, a part of a day not counted.
func (d Date) Add(v Duration) Date {
	return Date{d.t.AddDate(0, 0, v.Days())}
}

// Compare orders dates, no date first.
func (d Date) Compare(o Date) int { return d.t.Compare(o.t) }

// String is "2026-06-01", "" for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(time.DateOnly)
}

// MarshalText writes String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(b))
	return err
}

// An Expiry is the end of a credential's life: a date, or never, which has to
// be written out. The zero value is not known.
type Expiry struct {
	On    Date
	Never bool
}

// IsZero tells whether nothing was declared.
func (e Expiry) IsZero() bool { return !e.Never && e.On.IsZero() }

// String is the date, "never" or "".
func (e Expiry) String() string {
	if e.Never {
		return "never"
	}
	return e.On.String()
}

// MarshalText writes String.
func (e Expiry) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (e *Expiry) UnmarshalText(b []byte) error {
	if string(b) == "never" {
		*e = Expiry{Never: true}
		return nil
	}
	e.Never = false
	return e.On.UnmarshalText(b)
}

// A Duration is a length of time, written with its unit: 90d, 24h, 15m, 2w.
type Duration time.Duration

// Day is the unit of most periods.
const Day = Duration(day)

const day = 24 * time.Hour

// longest a duration may be; a hundred years keeps every sum of dates in range.
const maxDuration = 36525 * day

var units = map[byte]time.Duration{
	's': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day, 'y': 365 * day,
}

// ParseDuration reads a whole number with one unit of s, m, h, d, w, y. A
// number without unit is an error that proposes days.
func ParseDuration(s string) (Duration, error) {
	digits := strings.TrimRight(s, "smhdwy")
	n, err := strconv.ParseUint(digits, 10, 32)
	switch {
	case err == nil && len(digits) == len(s):
		return 0, fmt.Errorf("%s has no unit (hint: %dd)", field.Quote(s), n)
	case err != nil || len(s)-len(digits) != 1:
		return 0, fmt.Errorf("%s is no duration (hint: 90d; units s, m, h, d, w, y)", field.Quote(s))
	}
	unit := units[s[len(s)-1]]
	if n == 0 {
		return 0, fmt.Errorf("%s lasts no time (hint: 90d)", field.Quote(s))
	}
	if time.Duration(n) > maxDuration/unit {
		return 0, fmt.Errorf("%s is longer than a hundred years", field.Quote(s))
	}
	return Duration(time.Duration(n) * unit), nil
}

// Days is the number of whole days.
func (d Duration) Days() int { return int(time.Duration(d) / day) }

// String is the shortest form with one unit: "90d", "36h".
func (d Duration) String() string {
	v := time.Duration(d)
	switch {
	case v == 0:
		return ""
	case v%day == 0:
		return fmt.Sprintf("%dd", v/day)
	case v%time.Hour == 0:
		return fmt.Sprintf("%dh", v/time.Hour)
	case v%time.Minute == 0:
		return fmt.Sprintf("%dm", v/time.Minute)
	}
	return fmt.Sprintf("%ds", v/time.Second)
}

// MarshalText writes String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Duration) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	*d, err = ParseDuration(string(b))
	return err
}

var tiers = []string{"", "light", "standard", "formal"}

// ParseTier reads light, standard or formal.
func ParseTier(s string) (Tier, bool) {
	i := index(tiers, s)
	return Tier(max(i, 0)), i > 0
}

// String is the word of the inventory, "" for Unknown.
func (t Tier) String() string { return word(tiers, int(t)) }

// MarshalText writes String.
func (t Tier) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (t *Tier) UnmarshalText(b []byte) error {
	i := index(tiers, string(b))
	if i < 0 {
		return fmt.Errorf("tier %q (allowed: %s)", b, strings.Join(tiers[1:], ", "))
	}
	*t = Tier(i)
	return nil
}

var levels = []string{"", "low", "medium", "high", "critical"}

// ParseLevel reads low, medium, high or critical.
func ParseLevel(s string) (Level, bool) {
	i := index(levels, s)
	return Level(max(i, 0)), i > 0
}

// String is the word of the inventory, "" for zero.
func (l Level) String() string { return word(levels, int(l)) }

// MarshalText writes String.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (l *Level) UnmarshalText(b []byte) error {
	i := index(levels, string(b))
	if i < 0 {
		return fmt.Errorf("level %q (allowed: %s)", b, strings.Join(levels[1:], ", "))
	}
	*l = Level(i)
	return nil
}

func index(words []string, s string) int {
	for i, w := range words {
		if w == s {
			return i
		}
	}
	return -1
}

func word(words []string, i int) string {
	if i < 0 || i >= len(words) {
		return ""
	}
	return words[i]
}
