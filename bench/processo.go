package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"tutela/internal/store/storetest"
)

func cluster(dir string) (*url.URL, func(), error) { return storetest.Cluster(dir) }

// compila builds the program as it is installed.
func compila(ctx context.Context, dir string) (string, error) {
	p := filepath.Join(dir, "tutela")
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", p, "./cmd/tutela") //nolint:gosec // our own path
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return p, nil
}

// servito is the program serving a folder, as a process of its own.
type servito struct {
	cmd    *exec.Cmd
	indir  string // host:port
	pronto time.Duration
}

// servi starts the program on a folder and waits until it says it is ready.
func servi(ctx context.Context, programma string, d dati) (*servito, error) {
	args := []string{"serve", "--data", d.dir, "--addr", "127.0.0.1:0"}
	if d.url != "" {
		args = append(args, "--db", d.url)
	}
	s := &servito{cmd: exec.CommandContext(ctx, programma, args...)} //nolint:gosec // built above
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	inizio := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	riga, err := bufio.NewReader(out).ReadString('\n')
	s.pronto = time.Since(inizio)
	base, ok := strings.CutPrefix(strings.TrimSpace(riga), "pronto http://")
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("the program did not start: %q", riga), err, s.ferma())
	}
	s.indir = base
	return s, nil
}

func (s *servito) ferma() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// memoria is what the process holds now, in MB: all of it, and without the pages
// of files it only looks at.
func (s *servito) memoria() (tutta, sua float64) {
	v := s.stato()
	return v["VmRSS"] / 1024, (v["VmRSS"] - v["RssFile"]) / 1024
}

func (s *servito) stato() map[string]float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return nil
	}
	out := map[string]float64{}
	for riga := range strings.Lines(string(b)) {
		k, v, _ := strings.Cut(riga, ":")
		if n, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(v), " kB"), 64); err == nil {
			out[k] = n
		}
	}
	return out
}

// consumata is the processor time the process has used.
func (s *servito) consumata() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, dopo, _ := strings.Cut(string(b), ") ")
	v := strings.Fields(dopo)
	u, _ := strconv.Atoi(v[11])
	k, _ := strconv.Atoi(v[12])
	return time.Duration(u+k) * 10 * time.Millisecond
}

// peso is the bytes a folder takes.
func peso(dir string) (n int64, err error) {
	return n, filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if err == nil {
			n += i.Size()
		}
		return err
	})
}
