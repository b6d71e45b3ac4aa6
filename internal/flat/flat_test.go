package flat

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"tutela/internal/child"
	"tutela/internal/document"
	"tutela/internal/fault"
)

// TestMain is the child too, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "figlio" {
		if err := child.Confine(); err != nil {
			panic(err)
		}
		if err := child.Serve(os.Stdin, os.Stdout, Works); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// shared is the child of every test: PDFium is compiled once.
var shared = Maker{child.New(os.Args[0], "figlio")}

// hide gives for each page the areas of the words, and what they are.
func hide(pages []Page, words ...string) (areas [][]Area) {
	areas = make([][]Area, len(pages))
	for i, p := range pages {
		for _, x := range words {
			at := strings.Index(p.Text, x)
			if at < 0 {
				continue
			}
			for _, w := range p.Words {
				if w.From < at+len(x) && w.To > at {
					areas[i] = append(areas[i], w.Area)
				}
			}
		}
	}
	return areas
}

// scan looks for words as a stranger would: in the bytes as they are, in whatever
// can be inflated, one byte a letter, two bytes a letter.
func scan(t *testing.T, name string, data []byte) {
	t.Helper()
	all := bytes.Clone(data)
	for i := range data {
		if data[i] == 0x78 {
			if z, err := zlib.NewReader(bytes.NewReader(data[i:])); err == nil {
				b, _ := io.ReadAll(io.LimitReader(z, 1<<20))
				all = append(all, b...)
			}
		}
	}
	all = bytes.ToLower(all)
	for _, s := range secrets {
		for _, u := range [][]byte{[]byte(s), wide(s, binary.BigEndian), wide(s, binary.LittleEndian), []byte(hex16(s)[4:])} {
			if bytes.Contains(all, bytes.ToLower(u)) {
				t.Errorf("%s: the copy holds %s", name, s)
			}
		}
	}
}

func wide(s string, o binary.AppendByteOrder) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = o.AppendUint16(b, u)
	}
	return b
}

func TestPDF(t *testing.T) {
	data := letterPDF()
	pages, err := shared.Read(t.Context(), document.PDF, data, All)
	if err != nil || len(pages) != 2 {
		t.Fatalf("read: %v, %d pages", err, len(pages))
	}
	for _, w := range []string{"Lucia " + surname, taxCode, "sei ore", commented, field} {
		if !strings.Contains(pages[0].Text, w) {
			t.Errorf("page 1 has no %q: %q", w, pages[0].Text)
		}
	}
	if strings.Contains(pages[0].Text, oldName) {
		t.Error("a previous revision is read")
	}
	if pages[1].Width < pages[1].Height {
		t.Errorf("a page turned on its side is %d by %d", pages[1].Width, pages[1].Height)
	}
	areas := hide(pages, surname, taxCode, phone, commented, field)
	if n := len(areas[0]); n != 4 || len(areas[1]) != 1 {
		t.Fatalf("areas: %v", areas)
	}
	out, err := shared.Copy(t.Context(), document.PDF, data, areas, secrets)
	if err != nil {
		t.Fatal(err)
	}
	scan(t, "pdf", out)
	again, err := shared.Read(t.Context(), document.PDF, out, All)
	if err != nil || len(again) != 2 || again[0].Text+again[1].Text != "" || again[0].Width != pages[0].Width {
		t.Errorf("the copy reads as %v, %v", again, err)
	}
	for i := range pages {
		sheets, err := readPDF(out)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(sheets[i].jpeg))
		if err != nil {
			t.Fatal(err)
		}
		if dark := darkness(m, image.Rectangle{Max: m.Bounds().Max}); dark < 0.001 || dark > 0.2 {
			t.Errorf("page %d of the copy is dark for %.4f: nothing is on it, or all is covered", i+1, dark)
		}
	}
}

// darkness is how much of a picture is dark.
func darkness(m image.Image, r image.Rectangle) float64 {
	n := 0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if a, b, c, _ := m.At(x, y).RGBA(); (a+b+c)/3 < 0x6000 {
				n++
			}
		}
	}
	return float64(n) / float64(r.Dx()*r.Dy())
}

// Where a word is said to stand, there is ink; where none does, there is not.
func TestWordsHaveTheirPlace(t *testing.T) {
	for _, x := range []struct {
		t    document.Tipo
		data []byte
	}{{document.PDF, letterPDF()}, {document.DOCX, letterDOCX(t)}} {
		pages, err := shared.Read(t.Context(), x.t, x.data, All)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range pages {
			b, err := shared.Picture(t.Context(), x.t, x.data, i, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			m, err := jpeg.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			covered, err := shared.Picture(t.Context(), x.t, x.data, i, hide(pages, strings.Fields(strings.ReplaceAll(p.Text, layer, ""))...)[i], nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range p.Words {
				shown := !strings.Contains(layer, p.Text[w.From:w.To])
				if d := darkness(m, w.dots(m.Bounds().Max)); shown && p.Text[w.From:w.To] != "." && p.Text[w.From:w.To] != "," && d < 0.01 {
					t.Errorf("%s page %d: no ink where %q stands (%v, %.3f)", x.t, i+1, p.Text[w.From:w.To], w.Area, d)
				}
			}
			if len(covered) == 0 {
				t.Error("no picture")
			}
		}
	}
}

func TestPhotograph(t *testing.T) {
	data := photograph(t, 640, 480)
	pages, err := shared.Read(t.Context(), document.JPG, data, All)
	if err != nil || len(pages) != 1 || pages[0].Text != "" || pages[0].Width != 480 || pages[0].Height != 640 {
		t.Fatalf("read: %v, %v", err, pages)
	}
	area := Area{1000, 5000, 3000, 1000}
	out, err := shared.Copy(t.Context(), document.JPG, data, [][]Area{{area}}, secrets)
	if err != nil {
		t.Fatal(err)
	}
	scan(t, "photograph", out)
	sheets, err := readPDF(out)
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(sheets[0].jpeg))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, _, _ := m.At(470, 10).RGBA(); r>>8 < 200 || g>>8 > 60 {
		t.Errorf("above on the right it is %d, %d: the picture was not turned", r>>8, g>>8)
	}
	if d := darkness(m, area.dots(m.Bounds().Max)); d < 0.999 {
		t.Errorf("the area is dark for %.3f", d)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 50, 50))); err != nil {
		t.Fatal(err)
	}
	if _, err := shared.Copy(t.Context(), document.PNG, b.Bytes(), [][]Area{nil}, nil); err != nil {
		t.Errorf("a picture one can see through: %v", err)
	}
}

func TestOffice(t *testing.T) {
	for name, x := range map[document.Tipo][]byte{document.DOCX: letterDOCX(t), document.ODT: letterODT(t)} {
		pages, err := shared.Read(t.Context(), name, x, All)
		if err != nil || len(pages) != 1 {
			t.Fatalf("%s: %v, %d pages", name, err, len(pages))
		}
		for _, w := range []string{"Mi chiamo Lucia " + surname, phone, "sei ore."} {
			if !strings.Contains(pages[0].Text, w) {
				t.Errorf("%s has no %q: %q", name, w, pages[0].Text)
			}
		}
		for _, w := range []string{oldName, layer, commented, field, property} {
			if strings.Contains(pages[0].Text, w) {
				t.Errorf("%s brings along %q", name, w)
			}
		}
		out, err := shared.Copy(t.Context(), name, x, hide(pages, surname, phone), secrets)
		if err != nil {
			t.Fatal(err)
		}
		scan(t, string(name), out)
	}
	long := strings.Repeat("parola lunga ", 2000) + "\n\n\n" + strings.Repeat("x", 500)
	pages, err := shared.Read(t.Context(), document.TXT, append([]byte("Citt\xe0\r\n"), long...), All)
	if err != nil || len(pages) < 3 || !strings.HasPrefix(pages[0].Text, "Città\n") {
		t.Fatalf("a long text: %v, %d pages", err, len(pages))
	}
	for _, p := range pages {
		for _, w := range p.Words {
			if w.X < 0 || w.X+w.W > Scale-500 || w.Y+w.H > Scale {
				t.Fatalf("%q stands at %v", p.Text[w.From:w.To], w.Area)
			}
		}
	}
}

// What cannot be opened, or not in time, is refused in words; the child does the
// next work as if nothing were.
func TestRefused(t *testing.T) {
	locked := newPDF()
	locked.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	locked.object(2, "<</Type/Pages/Kids[]/Count 0>>")
	locked.object(3, "<</Filter/Standard/V 2/R 3/Length 128/P -4/O<"+strings.Repeat("41", 32)+">/U<"+strings.Repeat("42", 32)+">>>")
	locked.end(4, 0, "/Encrypt 3 0 R/ID[<41><41>]")
	huge := bytes.Clone(photograph(t, 16, 16))
	sof := bytes.Index(huge, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(huge[sof+5:], 65000)
	binary.BigEndian.PutUint16(huge[sof+7:], 65000)
	for name, x := range map[string]struct {
		t    document.Tipo
		data []byte
		want string
	}{
		"no pages":       {document.PDF, pagesPDF(0, "1", "1"), ""},
		"thousands":      {document.PDF, pagesPDF(5000, "595", "842"), "Il file ha 5000 pagine"},
		"a page of 5 km": {document.PDF, pagesPDF(1, "14000000", "14000000"), ""},
		"a square km":    {document.PDF, pagesPDF(1, "14400", "14400"), msgHuge},
		"a strip":        {document.PDF, pagesPDF(1, "14400", "0.5"), msgHuge},
		"broken":         {document.PDF, []byte("%PDF-1.7\nniente"), msgBroken},
		"cut short":      {document.PDF, letterPDF()[:300], ""},
		"locked":         {document.PDF, locked.Bytes(), msgLocked},
		"heic":           {document.HEIC, []byte("x"), msgHEIC},
		"another kind":   {document.Tipo("altro"), []byte("x"), msgKind},
		"dots":           {document.JPG, huge, msgPhoto},
		"half a photo":   {document.JPG, photograph(t, 64, 64)[:400], msgBroken},
		"not office":     {document.DOCX, zipped(t, "a.txt", "x"), ""},
		"no words":       {document.TXT, []byte(" \n\t"), msgNothing},
		"a megabyte":     {document.TXT, bytes.Repeat([]byte("parola "), 200_000), msgLong},
		"not xml":        {document.DOCX, zipped(t, "[Content_Types].xml", "<a/>", "word/document.xml", "<w:p"), msgBroken},
	} {
		start := time.Now()
		_, err := shared.Read(t.Context(), x.t, x.data, All)
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
			t.Errorf("%s: %v", name, err)
		} else if !strings.HasPrefix(fault.Message(err), x.want) {
			t.Errorf("%s: %q", name, fault.Message(err))
		}
		if d := time.Since(start); d > startLimit {
			t.Errorf("%s took %v", name, d)
		}
	}
	for name, data := range map[string][]byte{"deep tables": deepPDF(3000), "a loop": deepPDF(1)} {
		if _, err := shared.Read(t.Context(), document.PDF, data, All); err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := shared.Read(t.Context(), document.PDF, letterPDF(), All); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// A copy that is not as it must be is found out.
func TestUnproved(t *testing.T) {
	data := photograph(t, 320, 200)
	out, err := shared.Copy(t.Context(), document.JPG, data, [][]Area{{{1000, 1000, 2000, 2000}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sheets, err := readPDF(out)
	if err != nil {
		t.Fatal(err)
	}
	dirty := func(b []byte) []byte { return writePDF([]sheet{{sheets[0].width, sheets[0].height, b}}) }
	j := sheets[0].jpeg
	for name, x := range map[string]struct {
		pdf   []byte
		areas [][]Area
		gone  []string
	}{
		"one area more":      {out, [][]Area{{{1000, 1000, 2000, 2000}, {6000, 6000, 2000, 2000}}}, nil},
		"a page more":        {out, [][]Area{nil, nil}, nil},
		"words after it":     {append(bytes.Clone(out), surname...), [][]Area{nil}, nil},
		"a property":         {bytes.Replace(out, []byte("/Root 1 0 R"), []byte("/Info<</Title(x)>>/Root 1 0 R"), 1), [][]Area{nil}, nil},
		"a comment":          {dirty(append([]byte("\xff\xd8\xff\xfe\x00\x05abc"), j[2:]...)), [][]Area{nil}, nil},
		"after the picture":  {dirty(append(bytes.Clone(j), "abc\xff\xd9"...)), [][]Area{nil}, nil},
		"a word in the data": {out, [][]Area{nil}, []string{"/Filter/DCTDecode"}},
		"no PDF":             {data, [][]Area{nil}, nil},
	} {
		if _, err := shared.Child.Do(t.Context(), startLimit, "prove", task{Areas: x.areas, Removed: x.gone}, x.pdf, nil); err == nil {
			t.Errorf("%s: it passes as clean", name)
		}
	}
	if _, err := shared.Child.Do(t.Context(), startLimit, "prove", task{Areas: [][]Area{nil}}, out, nil); err != nil {
		t.Errorf("a clean one: %v", err)
	}
}

func FuzzOffice(f *testing.F) {
	f.Add(letterDOCX(f))
	f.Add(letterODT(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, k := range []document.Tipo{document.DOCX, document.ODT, document.TXT} {
			if s, err := proseOf(k, data); err == nil && len(s) > maxXML {
				t.Fatal("more words than it may have")
			} else if err != nil && fault.KindOf(err) == fault.Internal {
				t.Fatalf("%s: %v", k, err)
			}
		}
	})
}

func FuzzCopy(f *testing.F) {
	f.Add(writePDF([]sheet{{100, 100, []byte("\xff\xd8\xff\xd9")}}))
	f.Add(letterPDF())
	f.Fuzz(func(t *testing.T, data []byte) {
		orientation(data)
		if s, err := readPDF(data); err == nil && !bytes.Equal(writePDF(s), data) {
			t.Fatal("another file passes as a copy")
		}
	})
}

func BenchmarkPage(b *testing.B) {
	data := letterPDF()
	if _, err := shared.Read(b.Context(), document.PDF, data, All); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := shared.Picture(b.Context(), document.PDF, data, 0, []Area{{1000, 1000, 2000, 300}}, []int{1}); err != nil {
			b.Fatal(err)
		}
	}
}

// Words that follow each other on a line are covered together with what is between
// them; those of the next line apart.
func TestOver(t *testing.T) {
	p := Page{Words: []Word{{0, 4, Area{100, 100, 400, 200}}, {5, 9, Area{600, 110, 400, 200}}, {10, 14, Area{100, 500, 300, 200}}, {15, 19, Area{5000, 505, 300, 200}}}}
	got := p.Over(2, 16)
	if want := []Area{{100, 100, 900, 210}, {100, 500, 300, 200}, {5000, 505, 300, 200}}; !slices.Equal(got, want) {
		t.Errorf("covered: %v", got)
	}
	if got := p.Over(4, 5); got != nil {
		t.Errorf("between words: %v", got)
	}
}
