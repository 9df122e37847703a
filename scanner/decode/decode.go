// Package decode opens what stands encoded: runs of base64, hexadecimal,
// percent-encoding and backslash escapes inside text (Decoder.Text), and whole
// contents that are UTF-16, compressed or an archive (Open). What it finds leads
// back, to the byte, to the region of the source that encodes it.
//
// Decoders are pure and bounded: in depth, bytes, ratio and number of members.
// Passing a bound is a scanner.Gap.
//
// # Neighbourhoods
//
// A Segment of text is a function of a part of the source, its neighbourhood
// [From, To): the encoded run, the bytes next to it that end it, and, for lines
// that may be one wrapped run, the lines next to them. So when content changes,
// only segments whose neighbourhood meets a change need decoding again; Text
// takes the changed range and yields exactly these. A segment whose
// neighbourhood was copied whole from a parent is the parent's.
// What Open yields depends on all of the source.
package decode

import (
	"slices"
	"sort"
)

// A Map leads from offsets in decoded bytes back to the source. The zero Map
// leads nowhere.
type Map struct{ runs []mapRun }

// A mapRun tells that the decoded bytes from dec up to the next run come from
// the source at src: unit bytes from every per bytes of source, or, when unit is
// 0, all of them from the per bytes there. An empty run ends a map.
type mapRun struct{ dec, src, unit, per int }

// add appends a run; equal ratios that adjoin become one.
func (m *Map) add(dec, src, unit, per int) {
	if n := len(m.runs); n > 0 && unit > 0 {
		l := m.runs[n-1]
		if l.unit == unit && l.per == per && (dec-l.dec)%unit == 0 && src == l.src+(dec-l.dec)/unit*per {
			return
		}
	}
	m.runs = append(m.runs, mapRun{dec, src, unit, per})
}

// Source gives the region of the source, end exclusive, that encodes the decoded
// bytes [start, end). Of an empty region it gives where that lies.
func (m *Map) Source(start, end int) (int, int) {
	if len(m.runs) == 0 {
		return 0, 0
	}
	first := m.at(start)
	from := first.src
	if first.unit > 0 {
		from += (start - first.dec) * first.per / first.unit
	}
	if end <= start {
		return from, from
	}
	last := m.at(end - 1)
	if last.unit == 0 {
		return from, last.src + last.per
	}
	return from, last.src + ((end-last.dec)*last.per+last.unit-1)/last.unit
}

// plain tells whether the decoded bytes [start, end) stand in the source as they are.
func (m *Map) plain(start, end int) bool {
	if len(m.runs) == 0 || start < 0 {
		return false
	}
	i := m.index(start)
	r := m.runs[i]
	return r.unit == 1 && r.per == 1 && (i+1 < len(m.runs) && end <= m.runs[i+1].dec)
}

func (m *Map) at(dec int) mapRun { return m.runs[m.index(dec)] }

func (m *Map) index(dec int) int {
	return max(0, sort.Search(len(m.runs), func(i int) bool { return m.runs[i].dec > dec })-1)
}

// A Segment is text that stands encoded in a source.
type Segment struct {
	Data     []byte // valid until the next segment is asked for
	Encoding string // base64, hex, percent, escape, utf-16, gzip …; the outermost first: "base64+gzip"

	// Start and End are the region of the source that it was decoded from, From
	// and To the neighbourhood on which it depends.
	Start, End int
	From, To   int

	maps []*Map // innermost first
}

// Source gives the region of the source, end exclusive, that encodes
// Data[start:end]. What was compressed has the whole segment as its region.
func (s *Segment) Source(start, end int) (int, int) {
	for _, m := range s.maps {
		start, end = m.Source(start, end)
	}
	return start, end
}

// Plain tells whether Data[start:end] stands in the source just so, with the
// same byte before and after: what is found there, is found without decoding.
func (s *Segment) Plain(start, end int) bool {
	for _, m := range s.maps {
		if !m.plain(start-1, end+1) {
			return false
		}
		start, end = m.Source(start, end)
	}
	return true
}

func (s *Segment) meets(from, to int) bool { return s.From <= to && from <= s.To }

// grow gives a buffer of length 0 and capacity n at least.
func grow(b []byte, n int) []byte { return slices.Grow(b[:0], n) }
