// Package gitrepo reads a git repository in process: refs, revisions, objects,
// every blob of its whole history (Walk), and the places where blobs stand in
// that history (Places). It runs no program, follows no include of a
// configuration, and writes nothing, so a hostile repository gets nothing to run.
//
// The walk is our own and not go-git's because of what a pack already knows. A
// delta names the bytes that are new in an object and the bytes that stand in
// its base. go-git, like git cat-file, hands out whole objects and drops that
// knowledge, resolves each delta chain from its root again unless a cache
// happens to hold the base, and hashes what it has built. Walk goes through a
// pack's trees of deltas depth first: every object is inflated once, applied to
// bytes that are at hand, and told together with the runs that it shares with
// its parent, so a detector looks only at what is new.
//
// Nothing of a pack, index or object is trusted. Sizes are checked before memory
// is taken, chains may be of any depth and are walked without recursion, and
// what cannot be read is a scanner.Gap that names the object.
//
// Formats: gitformat-pack(5), gitrepository-layout(5), gitformat-index(5),
// git-config(1), gitrevisions(7).
package gitrepo
