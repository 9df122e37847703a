package main

import (
	"fmt"
	"sync"
	"time"
)

// progress gives the function that a scan tells what it is doing, nil when
// nobody watches stderr, and the one that clears the line. The first word comes
// after a second: what is quicker needs none.
func (p *program) progress() (tell func(stage string, done, total int64), stop func()) {
	if !attended(p.stderr) || p.flags.quiet || p.getenv("CI") != "" {
		return nil, func() {}
	}
	var mu sync.Mutex
	start, shown := time.Now(), time.Time{}
	tell = func(stage string, done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		now := time.Now()
		if now.Sub(start) < time.Second || now.Sub(shown) < 100*time.Millisecond {
			return
		}
		shown = now
		if done == 0 {
			fmt.Fprintf(p.stderr, "\r\x1b[K%s", stage)
			return
		}
		if total > 0 {
			fmt.Fprintf(p.stderr, "\r\x1b[K%s %d%%", stage, 100*done/total)
			return
		}
		fmt.Fprintf(p.stderr, "\r\x1b[K%s %d", stage, done)
	}
	return tell, func() {
		mu.Lock()
		defer mu.Unlock()
		if !shown.IsZero() {
			fmt.Fprint(p.stderr, "\r\x1b[K")
		}
	}
}
