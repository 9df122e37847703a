// Command credgate finds every credential and external connection of a
// repository and its pipelines, holds them against the inventory of connections
// that people have declared and reauthorised, and fails the build when one is
// unowned or overdue.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

func main() {
	// Most runs are over before their heap is worth collecting.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// gcPercent is how much the heap may grow between two collections.
const gcPercent = 300

// Exit statuses, the same for every command and format.
const (
	exitPass       = 0
	exitViolation  = 1
	exitUsage      = 2
	exitIncomplete = 3
)

// A status ends a command whose report says all there is to say.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// patience is how long an interrupted command may take to tell what it has.
const patience = 5 * time.Second

// run is the program but for the process: it gives the exit status. A second
// signal ends the process at once.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	// A reader that went away is an error of the write, not a silent death.
	signal.Ignore(syscall.SIGPIPE)

	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.Getenv}
	root := p.root()
	root.SetArgs(args)
	return p.status(ctx, obeyed(ctx, func() error { return root.ExecuteContext(ctx) }))
}

// obeyed gives the error of a command, which is left to itself where it does not
// end after an interrupt: a file may hold its reader for good.
func obeyed(ctx context.Context, command func() error) error {
	done := make(chan error, 1)
	go func() { done <- command() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return ctx.Err()
	}
}

// status is what a command's error makes the program end with, and say.
func (p *program) status(ctx context.Context, err error) int {
	var s status
	switch {
	case err == nil:
		return exitPass
	case errors.As(err, &s):
		return int(s)
	case ctx.Err() != nil:
		p.complain(fmt.Errorf("interrupted before the end: nothing was judged (hint: run it again)"))
		return exitIncomplete
	case errors.Is(err, errUndelivered):
		p.complain(err)
		return exitIncomplete
	default:
		p.complain(err)
		return exitUsage
	}
}
