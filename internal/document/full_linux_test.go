package document

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"tutela/internal/fault"
	"tutela/internal/vault"
)

// The kernel's own device for a full disk says what a full disk says.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = full.Close() }()
	_, err = sealInto(full, strings.NewReader("x"), vault.NewKey(), vault.Context("blob"))
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "finito") {
		t.Errorf("full: %v", err)
	}
	b, dir := newBlobs(t)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(strings.NewReader("x"), vault.NewKey(), vault.Context("blob")); !fault.Is(err, fault.Unavailable) || strings.Contains(fault.Message(err), "finito") {
		t.Errorf("folder gone: %v", err)
	}
}
