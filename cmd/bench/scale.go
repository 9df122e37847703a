package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"
)

// scale measures histories of growing size, made up here: what it costs per
// object should not grow. The line through the two largest gives the last row.
func scale(dir, bin, self string, most int) error {
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "objects\tpack MB\twalk CPU s\tµs an object\tscan CPU s\tµs an object\tpeak MB\t")
	var last, before point
	for n := 1000; n <= most; n *= 10 {
		repo := filepath.Join(dir, fmt.Sprintf("scale-%d.git", n))
		if err := generate(repo, n); err != nil {
			return fmt.Errorf("making a history of %d objects: %w", n, err)
		}
		_, walk, _, err := fastest(1, []string{self, "-walk", repo})
		if err != nil {
			return err
		}
		_, scan, peak, err := fastest(1, []string{bin, "scan", "--cache", "off", "--quiet", repo})
		if err != nil {
			return err
		}
		before, last = last, point{n, walk, scan}
		last.print(t, fmt.Sprint(packed(repo)>>20), fmt.Sprint(peak>>10))
		if err := os.RemoveAll(repo); err != nil {
			return err
		}
	}
	if before.objects > 0 {
		last.towards(before, 10*last.objects).print(t, "", "(by the line)")
	}
	return t.Flush()
}

// A point is what a history of so many objects costs.
type point struct {
	objects    int
	walk, scan time.Duration
}

func (p point) print(w io.Writer, size, peak string) {
	each := func(d time.Duration) float64 { return d.Seconds() * 1e6 / float64(p.objects) }
	fmt.Fprintf(w, "%d\t%s\t%.2f\t%.1f\t%.2f\t%.1f\t%s\t\n", p.objects, size, p.walk.Seconds(), each(p.walk), p.scan.Seconds(), each(p.scan), peak)
}

// towards follows the line through two points to so many objects.
func (p point) towards(other point, objects int) point {
	line := func(a, b time.Duration) time.Duration {
		return b + time.Duration(float64(b-a)*float64(objects-p.objects)/float64(p.objects-other.objects))
	}
	return point{objects, line(other.walk, p.walk), line(other.scan, p.scan)}
}

func packed(repo string) (n int64) {
	list, _ := filepath.Glob(filepath.Join(repo, "objects/pack/*.pack"))
	for _, name := range list {
		if info, err := os.Stat(name); err == nil {
			n += info.Size()
		}
	}
	return n
}

// generate makes a history of about n objects: commits that each change one line
// of one of a thousand files of 2 kB, four objects a commit.
func generate(repo string, n int) error {
	if out, err := exec.Command("git", "init", "-q", "--bare", "-b", "main", repo).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	cmd := exec.Command("git", "-C", repo, "-c", "fastimport.unpackLimit=0", "fast-import", "--quiet")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	w := bufio.NewWriterSize(in, 1<<20)
	writeHistory(w, n/4)
	err = w.Flush()
	if e := in.Close(); err == nil {
		err = e
	}
	if e := cmd.Wait(); e != nil {
		return e
	}
	return err
}

func writeHistory(w io.Writer, commits int) {
	const files, lines = 1000, 40
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 2000)
	for i := range words {
		b := make([]byte, 3+r.IntN(8))
		for j := range b {
			b[j] = byte('a' + r.IntN(26))
		}
		words[i] = string(b)
	}
	line := func() string {
		s := ""
		for len(s) < 45 {
			s += words[r.IntN(len(words))] + " "
		}
		return s + "\n"
	}
	var content [files][]string
	for i := range commits {
		f := r.IntN(files)
		if content[f] == nil {
			for range lines {
				content[f] = append(content[f], line())
			}
		}
		content[f][r.IntN(lines)] = line()
		size := 0
		for _, s := range content[f] {
			size += len(s)
		}
		fmt.Fprintf(w, "commit refs/heads/main\ncommitter a <a@example.com> %d +0000\ndata 7\nchange\n\n", 1_000_000_000+i)
		fmt.Fprintf(w, "M 644 inline d%d/f%d.txt\ndata %d\n", f%32, f, size)
		for _, s := range content[f] {
			io.WriteString(w, s)
		}
		io.WriteString(w, "\n")
	}
}
