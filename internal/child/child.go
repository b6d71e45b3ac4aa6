// Package child runs what opens foreign files in another process of the same
// program. It starts when there is work, gets and gives bytes through pipes, can
// open no file and no connection, is killed when it takes too long, and goes away
// when it is idle. Who serves pages holds keys and data; who opens a file that
// came from outside holds nothing but that file.
package child

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"time"

	"tutela/internal/fault"
)

// What a child may take of the machine.
const (
	softMemory = 700 << 20 // bytes past which the collector does all it can
	idle       = 5 * time.Minute
	queue      = time.Minute // how long work waits for the work before it
)

var (
	// ErrDied is when the child ended in the middle of the work: too much memory, or
	// a mistake in what opens the file.
	ErrDied = fault.New(fault.Invalid, "Questo file non si riesce ad aprire: è rovinato, o chiede troppa memoria.")
	// ErrSlow is when the work took longer than it may.
	ErrSlow = fault.New(fault.Invalid, "Questo file è troppo pesante: ci vuole troppo tempo per aprirlo.")

	errBusy  = fault.New(fault.Unavailable, "Ora stiamo aprendo altri file. Riprova tra un minuto.")
	errStart = "Il programma che apre gli allegati non parte. Avvisa chi gestisce il sistema."
)

// Child is the process, or the place for one: it does one piece of work at a time.
// Safe for many goroutines.
type Child struct {
	program string
	args    []string
	turn    chan struct{} // held by who works, and by who ends it
	p       *process
	rest    *time.Timer
}

// process is a child that runs.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// New is a child that will run a program with these arguments; it must Serve.
func New(program string, args ...string) *Child {
	return &Child{program: program, args: args, turn: make(chan struct{}, 1)}
}

// Do has one piece of work done: args and body go in, result is filled and a body
// comes back. A refusal of the work itself is its fault; a child that ends is
// ErrDied, one that takes longer than limit is ErrSlow: the next work starts anew.
func (c *Child) Do(ctx context.Context, limit time.Duration, work string, args any, body []byte, result any) ([]byte, error) {
	a, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("encode work: %w", err)
	}
	wait := time.NewTimer(queue)
	defer wait.Stop()
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-wait.C:
		return nil, errBusy
	}
	defer func() { <-c.turn }()
	if c.rest != nil {
		c.rest.Stop()
	}
	if c.p == nil {
		if c.p, err = c.start(); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, errStart)
		}
	}
	m, out, err := c.p.do(ctx, limit, message{Work: work, Args: a}, body)
	if err != nil {
		c.end()
		return nil, err
	}
	c.rest = time.AfterFunc(idle, c.retire)
	if m.Fault != "" {
		return nil, fault.New(m.Kind, m.Fault)
	}
	if result != nil {
		if err := json.Unmarshal(m.Args, result); err != nil {
			return nil, fmt.Errorf("decode work: %w", err)
		}
	}
	return out, nil
}

// start runs the program with nothing of ours: no variables, no folder, no files
// but the two pipes.
func (c *Child) start() (*process, error) {
	cmd := exec.Command(c.program, c.args...) //nolint:gosec,noctx // our own program; it outlives the request that starts it
	cmd.Env = []string{"GOMEMLIMIT=" + strconv.Itoa(softMemory), "GOTRACEBACK=none"}
	cmd.Dir = "/"
	cmd.SysProcAttr = dieWithUs()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd, in, bufio.NewReader(out)}, nil
}

// do writes the work and reads its result. Whoever gets an error must end the
// process: it may be anywhere.
func (p *process) do(ctx context.Context, limit time.Duration, m message, body []byte) (message, []byte, error) {
	type result struct {
		m    message
		body []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		if r.err = write(p.in, m, body); r.err == nil {
			r.m, r.body, r.err = read(p.out)
		}
		done <- r
	}()
	slow := time.NewTimer(limit)
	defer slow.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			return m, nil, fault.Wrap(r.err, ErrDied.Kind, ErrDied.Message)
		}
		return r.m, r.body, nil
	case <-ctx.Done():
		return m, nil, ctx.Err()
	case <-slow.C:
		return m, nil, ErrSlow
	}
}

// end kills the process, if there is one.
func (c *Child) end() {
	if c.p == nil {
		return
	}
	_ = c.p.cmd.Process.Kill() // one that is dead already is what we want
	_ = c.p.in.Close()
	_ = c.p.cmd.Wait() // how it ended was our doing, or was said already
	c.p = nil
}

// retire ends a process that nobody has needed for a while.
func (c *Child) retire() {
	select {
	case c.turn <- struct{}{}:
		c.end()
		<-c.turn
	default: // at work again
	}
}

// Close ends the process; work under way is waited for.
func (c *Child) Close() {
	c.turn <- struct{}{}
	if c.rest != nil {
		c.rest.Stop()
	}
	c.end()
	<-c.turn
}

// Work is one thing that a child can do: of the arguments, as JSON, and the body,
// a result to be written as JSON, and a body.
type Work func(args json.RawMessage, body []byte) (result any, out []byte, err error)

// Serve is the child's side: it does the works that come on in, until there are no
// more. A work that panics ends it.
func Serve(in io.Reader, out io.Writer, works map[string]Work) error {
	r := bufio.NewReader(in)
	for {
		m, body, err := read(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, body := do(works, m, body)
		if err := write(out, answer, body); err != nil {
			return err
		}
	}
}

func do(works map[string]Work, m message, body []byte) (message, []byte) {
	w := works[m.Work]
	if w == nil {
		return message{Kind: fault.Internal, Fault: "unknown work"}, nil
	}
	result, out, err := w(m.Args, body)
	if err == nil {
		m.Args, err = json.Marshal(result)
	}
	if err != nil {
		return message{Kind: fault.KindOf(err), Fault: fault.Message(err)}, nil
	}
	return message{Args: m.Args}, out
}
