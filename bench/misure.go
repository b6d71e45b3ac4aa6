package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// esito is what a run of many equal operations took.
type esito struct {
	n             int
	tutto         time.Duration
	p50, p99, max time.Duration
	cpu           time.Duration // of this process, an operation
}

func (e esito) alSecondo() float64 { return float64(e.n) / e.tutto.Seconds() }

func (e esito) String() string {
	return fmt.Sprintf("%7.0f/s   p50 %s  p99 %s  max %s  cpu %d µs", e.alSecondo(), ms(e.p50), ms(e.p99), ms(e.max), e.cpu.Microseconds())
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000) }

// ripeti does fn n times by as many workers; each worker waits for the end of one
// before it begins the next. It stops at the first error.
func ripeti(n, lavoratori int, fn func(lavoratore, i int) error) (esito, error) {
	var (
		wg    sync.WaitGroup
		turno atomic.Int64
		mu    sync.Mutex
		primo error
		tempi = make([][]time.Duration, lavoratori)
	)
	inizio, cpu := time.Now(), consumata()
	for w := range lavoratori {
		wg.Go(func() {
			for {
				i := int(turno.Add(1)) - 1
				if i >= n {
					return
				}
				t := time.Now()
				if err := fn(w, i); err != nil {
					mu.Lock()
					if primo == nil {
						primo = err
					}
					mu.Unlock()
					turno.Store(int64(n))
					return
				}
				tempi[w] = append(tempi[w], time.Since(t))
			}
		})
	}
	wg.Wait()
	tutto := time.Since(inizio)
	if primo != nil {
		return esito{}, primo
	}
	e := riassumi(slices.Concat(tempi...), tutto)
	e.cpu = (consumata() - cpu) / time.Duration(max(1, e.n))
	return e, nil
}

// consumata is the processor time this process has used.
func consumata() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func riassumi(t []time.Duration, tutto time.Duration) esito {
	slices.Sort(t)
	return esito{n: len(t), tutto: tutto, p50: t[len(t)/2], p99: t[len(t)*99/100], max: t[len(t)-1]}
}

// mediana of several rounds of the same figure.
func mediana[T float64 | time.Duration](v []T) T {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// medio is the run whose rate is the median of the rounds.
func medio(giri []esito) esito {
	g := slices.SortedFunc(slices.Values(giri), func(a, b esito) int { return int(a.alSecondo() - b.alSecondo()) })
	return g[len(g)/2]
}
