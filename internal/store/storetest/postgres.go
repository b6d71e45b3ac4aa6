package storetest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// One PostgreSQL cluster serves all the tests of a process, in a temporary
// folder, on a free port of the loopback, as an unprivileged user. Ferma stops it.
var cluster = sync.OnceValues(avviaCluster)

var contatore atomic.Int64

// postgresURL gives a new empty database in the process's cluster.
func postgresURL(t testing.TB) string {
	t.Helper()
	return comePostgres(t, "")
}

// comePostgres is postgresURL with what is in a database that nobody has open; of none,
// empty.
func comePostgres(t testing.TB, modello string) string {
	t.Helper()
	base, err := cluster()
	if err != nil {
		t.Fatalf("start PostgreSQL: %v (Debian: apt-get install postgresql)", err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	c, err := pgx.Connect(ctx, base.String())
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	defer func() { _ = c.Close(ctx) }()
	nome := fmt.Sprintf("prova%d", contatore.Add(1))
	crea := "create database " + nome
	if modello != "" {
		crea += " template " + path.Base(modello[:strings.IndexByte(modello, '?')])
	}
	if _, err := c.Exec(ctx, crea); err != nil {
		t.Fatalf("create database: %v", err)
	}
	u := *base
	u.Path = "/" + nome
	return u.String()
}

// copiaPostgres gives a new database with all that is in another.
func copiaPostgres(t testing.TB, da string) string {
	t.Helper()
	a := postgresURL(t)
	scarica, err := programma("pg_dump")
	if err != nil {
		t.Fatal(err)
	}
	carica, err := programma("psql")
	if err != nil {
		t.Fatal(err)
	}
	tutto, err := exec.Command(scarica, "--dbname="+da).Output() //nolint:gosec,noctx // our own arguments; it ends by itself
	if err != nil {
		t.Fatalf("dump a database: %v", err)
	}
	c := exec.Command(carica, "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+a) //nolint:gosec,noctx // the same
	c.Stdin = bytes.NewReader(tutto)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("load a database: %v: %s", err, out)
	}
	return a
}

func programma(nome string) (string, error) {
	if p, err := exec.LookPath(nome); err == nil {
		return p, nil
	}
	trovati, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + nome)
	if len(trovati) == 0 {
		return "", fmt.Errorf("%s not found", nome)
	}
	return trovati[len(trovati)-1], nil
}

// utente is whom the server runs as: PostgreSQL refuses root.
func utente() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, nome := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(nome)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("no unprivileged user to run PostgreSQL as")
}

func avviaCluster() (*url.URL, error) {
	dir, err := os.MkdirTemp("/tmp", "tutela-pg-")
	if err != nil {
		return nil, err
	}
	u, ferma, err := Cluster(dir)
	fermaCluster = func() {
		if ferma != nil {
			ferma()
		}
		_ = os.RemoveAll(dir)
	}
	return u, err
}

// Cluster starts the PostgreSQL cluster in dir, an existing folder, and makes it
// when it is not there, with the settings it comes with. It gives the address of
// the database "postgres", and how to stop it.
func Cluster(dir string) (u *url.URL, ferma func(), err error) {
	chi, err := utente()
	if err != nil {
		return nil, nil, err
	}
	if chi != nil {
		if err := os.Chown(dir, int(chi.Uid), int(chi.Gid)); err != nil {
			return nil, nil, err
		}
	}
	attr := &syscall.SysProcAttr{Credential: chi}
	dati := filepath.Join(dir, "dati")
	if _, err := os.Stat(dati); err != nil {
		initdb, err := programma("initdb")
		if err != nil {
			return nil, nil, err
		}
		c := exec.Command(initdb, "-D", dati, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "prova", "--no-sync") //nolint:gosec,noctx // our own arguments; it ends by itself
		c.SysProcAttr, c.Dir = attr, dir
		if out, err := c.CombinedOutput(); err != nil {
			return nil, nil, fmt.Errorf("initdb: %w: %s", err, out)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // only to learn a free port
	if err != nil {
		return nil, nil, err
	}
	porta := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	if err := l.Close(); err != nil {
		return nil, nil, err
	}
	server, err := programma("postgres")
	if err != nil {
		return nil, nil, err
	}
	s := exec.Command(server, "-D", dati, "-p", porta, "-k", dir, "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200") //nolint:gosec,noctx // our own arguments; it lives as long as the process
	s.SysProcAttr, s.Dir = attr, dir
	log, err := os.Create(filepath.Join(os.TempDir(), "tutela-pg-"+porta+".log")) //nolint:gosec // a port number
	if err != nil {
		return nil, nil, err
	}
	s.Stdout, s.Stderr = log, log
	if err := s.Start(); err != nil {
		return nil, nil, err
	}
	ferma = func() {
		_ = s.Process.Signal(syscall.SIGINT)
		_, _ = s.Process.Wait()
		_ = os.Remove(log.Name())
	}
	u = &url.URL{Scheme: "postgres", User: url.User("prova"), Host: "127.0.0.1:" + porta, Path: "/postgres", RawQuery: "sslmode=disable"}
	for fine := time.Now().Add(30 * time.Second); time.Now().Before(fine); time.Sleep(50 * time.Millisecond) {
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		c, err := pgx.Connect(ctx, u.String())
		if err == nil {
			err = c.Close(ctx)
			stop()
			return u, ferma, err
		}
		stop()
	}
	return nil, ferma, fmt.Errorf("PostgreSQL did not answer in 30 s")
}

var fermaCluster func()

// Ferma stops the process's cluster and removes its folder. TestMain calls it.
func Ferma() {
	if fermaCluster != nil {
		fermaCluster()
	}
}
