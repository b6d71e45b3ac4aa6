package child

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"tutela/internal/fault"
)

// TestMain is the child too, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "figlio" {
		if err := Confine(); err != nil {
			panic(err)
		}
		if err := Serve(os.Stdin, os.Stdout, works); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var works = map[string]Work{
	"echo": func(args json.RawMessage, body []byte) (any, []byte, error) { return args, body, nil },
	"no": func(json.RawMessage, []byte) (any, []byte, error) {
		return nil, nil, fault.New(fault.TooLarge, "Troppe pagine.")
	},
	"die":   func(json.RawMessage, []byte) (any, []byte, error) { os.Exit(3); return nil, nil, nil },
	"sleep": func(json.RawMessage, []byte) (any, []byte, error) { time.Sleep(time.Hour); return nil, nil, nil },
	"eat": func(json.RawMessage, []byte) (any, []byte, error) {
		var all [][]byte
		for range 4096 {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			all = append(all, b)
		}
		return len(all), nil, nil
	},
	"pry": func(json.RawMessage, []byte) (any, []byte, error) {
		var got []string
		if f, err := os.Open("/etc/hostname"); err == nil {
			got = append(got, f.Name())
		}
		if f, err := os.CreateTemp("", "x"); err == nil {
			got = append(got, f.Name())
		}
		if c, err := net.ListenUDP("udp", nil); err == nil {
			got = append(got, c.LocalAddr().String())
		}
		return append(got, os.Environ()...), nil, nil
	},
}

func TestWork(t *testing.T) {
	c := New(os.Args[0], "figlio")
	t.Cleanup(c.Close)
	body := bytes.Repeat([]byte("à"), 1<<20)
	var got map[string]int
	out, err := c.Do(t.Context(), time.Minute, "echo", map[string]int{"n": 7}, body, &got)
	if err != nil || got["n"] != 7 || !bytes.Equal(out, body) {
		t.Fatalf("echo: %v, %v, %d bytes", err, got, len(out))
	}
	first := c.p.cmd.Process.Pid
	if _, err := c.Do(t.Context(), time.Minute, "no", nil, nil, nil); !fault.Is(err, fault.TooLarge) || fault.Message(err) != "Troppe pagine." {
		t.Errorf("a refusal came as %v", err)
	}
	if c.p.cmd.Process.Pid != first {
		t.Error("a refusal ended the child")
	}
	for work, want := range map[string]*fault.Error{"die": ErrDied, "eat": ErrDied, "sleep": ErrSlow} {
		limit := time.Minute
		if work == "sleep" {
			limit = time.Second
		}
		if _, err := c.Do(t.Context(), limit, work, nil, nil, nil); fault.Message(err) != want.Message {
			t.Errorf("%s: %v", work, err)
		}
		if _, err := c.Do(t.Context(), time.Minute, "echo", nil, nil, nil); err != nil {
			t.Errorf("after %s: %v", work, err)
		}
	}
}

// What runs in the child finds no file, no connection, no variable of the server.
func TestConfined(t *testing.T) {
	t.Setenv("SEGRETO", "del server")
	c := New(os.Args[0], "figlio")
	t.Cleanup(c.Close)
	var got []string
	if _, err := c.Do(t.Context(), time.Minute, "pry", nil, nil, &got); err != nil {
		t.Fatal(err)
	}
	for _, x := range got {
		if !strings.HasPrefix(x, "GO") {
			t.Errorf("the child has %s", x)
		}
	}
}

// One that is killed from outside while it works is an error in words, and the
// next work is done.
func TestKilled(t *testing.T) {
	c := New(os.Args[0], "figlio")
	t.Cleanup(c.Close)
	if _, err := c.Do(t.Context(), time.Minute, "echo", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	victim := c.p.cmd.Process
	time.AfterFunc(200*time.Millisecond, func() { _ = victim.Kill() })
	if _, err := c.Do(t.Context(), time.Minute, "sleep", nil, nil, nil); fault.Message(err) != ErrDied.Message {
		t.Errorf("killed: %v", err)
	}
	if _, err := c.Do(t.Context(), time.Minute, "echo", nil, nil, nil); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestNoProgram(t *testing.T) {
	c := New("/non/esiste")
	if _, err := c.Do(t.Context(), time.Second, "echo", nil, nil, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("without a program: %v", err)
	}
}

func FuzzMessage(f *testing.F) {
	var b bytes.Buffer
	if err := write(&b, message{Work: "echo", Args: json.RawMessage(`{"n":1}`)}, []byte("corpo")); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("\xff\xff\xff\xff\x00\x00\x00\x00"))
	f.Add([]byte("\x00\x00\x00\x02\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		m, body, err := read(bytes.NewReader(in))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := write(&again, m, body); err != nil {
			t.Fatal(err)
		}
		m2, body2, err := read(&again)
		if err != nil || m2.Work != m.Work || !bytes.Equal(body, body2) {
			t.Fatalf("not read back: %v", err)
		}
		var out bytes.Buffer
		if err := Serve(bytes.NewReader(in), &out, map[string]Work{}); err != nil && errors.Is(err, io.EOF) {
			t.Fatal("an end that is no error")
		}
	})
}
