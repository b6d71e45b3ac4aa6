package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"tutela/internal/fault"
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

// serra marks a folder of keys as in use, until it is let go: by one alone, or with
// others that read and write it as we do. Nothing is left behind by who is killed.
func serra(cartella string, sola bool) (lascia func(), err error) {
	d, err := os.Open(cartella)
	if err != nil {
		return nil, err
	}
	come := syscall.LOCK_SH
	if sola {
		come = syscall.LOCK_EX
	}
	if err := syscall.Flock(int(d.Fd()), come|syscall.LOCK_NB); err != nil {
		_ = d.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) && sola {
			return nil, fault.New(fault.Conflict, "Il programma è in funzione con queste chiavi. Fermalo, e riprova.")
		}
		return nil, fault.Wrap(err, fault.Unavailable, "Le chiavi si stanno cambiando o spostando. Aspetta che finisca.")
	}
	return func() { _ = d.Close() }, nil
}
