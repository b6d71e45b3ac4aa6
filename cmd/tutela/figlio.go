package main

import (
	"tutela/internal/child"
	"tutela/internal/flat"
)

// figlioCmd is the other side of child.New(program, "figlio"): it opens what came
// from outside, and has nothing of the installation.
type figlioCmd struct{}

// Run does the works that come on the standard input until it ends.
func (figlioCmd) Run(a *ambito) error {
	if err := child.Confine(); err != nil {
		return err
	}
	return child.Serve(a.in, a.out, flat.Works)
}
