//go:build unix

package engine_test

import (
	"syscall"
	"time"
)

// cpuTime is the processor time of this process so far, in user mode and in the kernel. Beside other work it tells more
// than the time on the clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
