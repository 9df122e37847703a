package gitrepo

import (
	"container/list"
	"slices"
	"strings"
	"sync"
)

const (
	baseCacheBytes = 32 << 20           // of objects kept for reading others made from them
	baseCacheEntry = baseCacheBytes / 8 // largest that is kept
)

// A baseCache keeps the objects used last, up to a limit of bytes.
type baseCache struct {
	mu      sync.Mutex
	limit   int
	size    int
	entries map[cacheKey]*list.Element
	order   list.List // of *cached, used last at the front
}

type cacheKey struct {
	pack int
	off  int64
}

type cached struct {
	key  cacheKey
	kind kind
	data []byte
}

func (c *baseCache) get(pack int, off int64) (*cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[cacheKey{pack, off}]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached), true
}

func (c *baseCache) put(pack int, off int64, k kind, data []byte) {
	if len(data) > baseCacheEntry {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := cacheKey{pack, off}
	if _, ok := c.entries[key]; ok {
		return
	}
	if c.entries == nil {
		c.entries = make(map[cacheKey]*list.Element)
	}
	const overhead = 200 // of a list element, a map entry and an allocation
	c.entries[key] = c.order.PushFront(&cached{key, k, data})
	c.size += len(data) + overhead
	for c.size > c.limit {
		last := c.order.Back()
		old := c.order.Remove(last).(*cached)
		delete(c.entries, old.key)
		c.size -= len(old.data) + overhead
	}
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
