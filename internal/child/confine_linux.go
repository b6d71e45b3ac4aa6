package child

import (
	"fmt"
	"syscall"
	"time"
)

// The hard bounds of a child. Addresses are cheap and reserved by the gigabyte;
// what it may write on is not.
const (
	maxAddresses = 8 << 30
	maxMemory    = 1536 << 20
)

// dieWithUs ends a child whose parent is gone, whatever it is doing.
func dieWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// Confine takes from this process what opening a file needs none of: from now on
// no file and no connection can be opened, nothing can be written but to pipes
// that are open, no core is left behind, and memory has an end.
func Confine() error {
	time.Sleep(time.Microsecond) // the runtime's own files, which timers need, are open from now on
	for what, most := range map[int]uint64{syscall.RLIMIT_AS: maxAddresses, syscall.RLIMIT_DATA: maxMemory,
		syscall.RLIMIT_CORE: 0, syscall.RLIMIT_FSIZE: 0, syscall.RLIMIT_NOFILE: 3} {
		if err := syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("bound %d: %w", what, err)
		}
	}
	return nil
}
