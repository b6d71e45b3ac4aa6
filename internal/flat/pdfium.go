package flat

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/emscripten"
)

// pdfium is PDFium as WebAssembly, from the npm package @embedpdf/pdfium (see
// assets/build.sh): it reaches its own memory, and nothing else.
//
//go:embed pdfium.wasm.gz
var pdfium []byte

// pagesOfMemory is what one PDF may take: 512 MiB.
const pagesOfMemory = 8192

// engine is PDFium compiled for this machine, three seconds' work: once a process.
var engine = sync.OnceValues(func() (*compiled, error) {
	z, err := gzip.NewReader(bytes.NewReader(pdfium))
	if err != nil {
		return nil, fmt.Errorf("unpack pdfium: %w", err)
	}
	wasm, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("unpack pdfium: %w", err)
	}
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(pagesOfMemory))
	m, err := r.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), wasm)
	if err != nil {
		return nil, fmt.Errorf("compile pdfium: %w", err)
	}
	if err := imports(ctx, r, m); err != nil {
		return nil, fmt.Errorf("link pdfium: %w", err)
	}
	return &compiled{r, m}, nil
})

type compiled struct {
	runtime wazero.Runtime
	module  wazero.CompiledModule
}

// imports gives the module the functions it asks for. Those of files, clocks and
// variables find nothing: there is none.
func imports(ctx context.Context, r wazero.Runtime, m wazero.CompiledModule) error {
	hosts := map[string]wazero.HostModuleBuilder{}
	for _, f := range m.ImportedFunctions() {
		module, name, _ := f.Import()
		if hosts[module] == nil {
			hosts[module] = r.NewHostModuleBuilder(module)
		}
		if strings.HasPrefix(name, "invoke_") || name == "_emscripten_throw_longjmp" {
			continue // of the exporter below
		}
		hosts[module].NewFunctionBuilder().WithGoModuleFunction(host(name, len(f.ResultTypes()) > 0), f.ParamTypes(), f.ResultTypes()).Export(name)
	}
	jumps, err := emscripten.NewFunctionExporterForModule(m)
	if err != nil {
		return err
	}
	jumps.ExportFunctions(hosts["env"])
	for _, h := range hosts {
		if _, err := h.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

const noSuchCall = 0xffffffff - 52 + 1 // -ENOSYS, as musl counts

func host(name string, returns bool) api.GoModuleFunc {
	switch name {
	case "emscripten_resize_heap":
		return func(_ context.Context, m api.Module, s []uint64) {
			want, have := (s[0]&0xffffffff+65535)/65536, uint64(m.Memory().Size())/65536
			_, grown := uint32(0), want <= have
			if !grown {
				_, grown = m.Memory().Grow(uint32(want - have))
			}
			if s[0] = 0; grown {
				s[0] = 1
			}
		}
	case "_emscripten_memcpy_js":
		return func(_ context.Context, m api.Module, s []uint64) {
			b, ok := m.Memory().Read(uint32(s[1]), uint32(s[2]))
			if !ok || !m.Memory().Write(uint32(s[0]), b) {
				panic(errors.New("copy outside memory"))
			}
		}
	case "_abort_js", "__assert_fail":
		return func(context.Context, api.Module, []uint64) { panic(errors.New("pdfium gave up")) }
	}
	failing := strings.HasPrefix(name, "__syscall") || strings.HasPrefix(name, "fd_")
	return func(_ context.Context, _ api.Module, s []uint64) {
		switch {
		case returns && failing:
			s[0] = noSuchCall
		case returns:
			s[0] = 0
		}
	}
}

// library is PDFium with a memory of its own, for one file.
type library struct {
	m   api.Module
	err error // the first thing that went wrong: nothing is believed after it
}

func newLibrary() (*library, error) {
	c, err := engine()
	if err != nil {
		return nil, err
	}
	m, err := c.runtime.InstantiateModule(context.Background(), c.module, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return nil, fmt.Errorf("start pdfium: %w", err)
	}
	l := &library{m: m}
	l.call("emscripten_stack_init")
	l.call("__wasm_call_ctors")
	l.call("FPDF_InitLibrary")
	return l, l.err
}

func (l *library) close() { _ = l.m.Close(context.Background()) } // its memory goes with it

// call calls a function; once one has failed, all give 0.
func (l *library) call(name string, args ...uint64) uint64 {
	if l.err != nil {
		return 0
	}
	f := l.m.ExportedFunction(name)
	if f == nil {
		l.err = fmt.Errorf("pdfium has no %s", name)
		return 0
	}
	out, err := f.Call(context.Background(), args...)
	if err != nil {
		l.err = fmt.Errorf("%s: %w", name, err)
		return 0
	}
	if len(out) == 0 {
		return 0
	}
	return out[0]
}

// number is a call that gives a signed number.
func (l *library) number(name string, args ...uint64) int {
	return int(int32(uint32(l.call(name, args...))))
}

// decimal is a call that gives a float.
func (l *library) decimal(name string, args ...uint64) float64 {
	return float64(api.DecodeF32(l.call(name, args...)))
}

// place takes memory and gives its address; 0 if there is none left.
func (l *library) place(n int) uint64 {
	p := l.call("malloc", uint64(n))
	if p == 0 && l.err == nil {
		l.err = errors.New("no memory left")
	}
	return p
}

// bytes are those at an address, until the next call.
func (l *library) bytes(at uint64, n int) []byte {
	b, ok := l.m.Memory().Read(uint32(at), uint32(n))
	if !ok && l.err == nil {
		l.err = errors.New("read outside memory")
	}
	return b
}
