package storetest

import (
	"syscall"
	"testing"
)

// Pieno makes an empty folder a disk of 64 KB, which libera gives room; false where
// this process may not mount one.
func Pieno(t testing.TB, dir string) (libera func(), si bool) {
	t.Helper()
	if syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k") != nil {
		return nil, false
	}
	va := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { va(syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return func() { va(syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=64m")) }, true
}
