//go:build !linux

package main

import "errors"

func difendi() error { return errors.New("not on this system") }

func difeso() bool { return false }

func sincrono() bool { return true }

func disco(string) (uint64, error) { return 0, errors.New("not on this system") }

// serra cannot tell on this system who else has the folder open.
func serra(string, bool) (func(), error) { return func() {}, nil }
