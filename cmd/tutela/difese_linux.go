package main

import (
	"fmt"
	"syscall"
)

const (
	prGetDumpable = 3
	prSetDumpable = 4

	nonSincrono = 0x40 // STA_UNSYNC of adjtimex(2)
)

// difendi keeps the memory of this process, which holds keys, out of core files and
// from other processes of its user.
func difendi() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("no core files: %w", err)
	}
	if _, _, n := syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0); n != 0 {
		return fmt.Errorf("not dumpable: %w", n)
	}
	return nil
}

// difeso reports whether difendi holds for this process.
func difeso() bool {
	var l syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_CORE, &l)
	si, _, n := syscall.RawSyscall(syscall.SYS_PRCTL, prGetDumpable, 0, 0)
	return err == nil && l.Cur == 0 && n == 0 && si == 0
}

// sincrono reports whether something keeps this machine's clock right.
func sincrono() bool {
	var t syscall.Timex
	_, err := syscall.Adjtimex(&t)
	return err == nil && t.Status&nonSincrono == 0
}

// disco is the file system that path lies on.
func disco(path string) (uint64, error) {
	var s syscall.Stat_t
	err := syscall.Stat(path, &s)
	return s.Dev, err
}
