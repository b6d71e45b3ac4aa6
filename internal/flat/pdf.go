package flat

import (
	"encoding/binary"
	"image"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"
)

// pdf is a PDF that PDFium has opened. Comments and fields of a page become part
// of its content first, so that what can be seen can be found.
type pdf struct {
	l     *library
	doc   uint64
	count int
	page  int    // the one that is open, from 0
	at    uint64 // its handle; 0: none
}

const (
	wrongPassword = 4 // FPDF_ERR_PASSWORD
	asOnScreen    = 0 // FLAT_NORMALDISPLAY
	bgrx          = 3 // FPDFBitmap_BGRx
)

func openPDF(data []byte) (*pdf, error) {
	l, err := newLibrary()
	if err != nil {
		return nil, err
	}
	p := l.place(len(data))
	if l.err == nil && !l.m.Memory().Write(uint32(p), data) {
		return nil, refuse(msgBroken)
	}
	f := &pdf{l: l, doc: l.call("FPDF_LoadMemDocument", p, uint64(len(data)), 0), page: -1}
	if f.doc == 0 {
		locked := l.call("FPDF_GetLastError") == wrongPassword
		l.close()
		if locked {
			return nil, refuse(msgLocked)
		}
		return nil, refuse(msgBroken)
	}
	if f.count = l.number("FPDF_GetPageCount", f.doc); f.l.err != nil {
		l.close()
		return nil, refuse(msgBroken)
	}
	return f, nil
}

// wrong is what PDFium stumbled on: the file's fault, not ours.
func (f *pdf) wrong() error {
	if f.l.err != nil {
		return refuse(msgBroken)
	}
	return nil
}

func (f *pdf) pages() int { return f.count }
func (f *pdf) close()     { f.l.close() }

// turn opens a page, with its comments and fields in it.
func (f *pdf) turn(page int) error {
	if f.page == page {
		return f.wrong()
	}
	if f.at != 0 {
		f.l.call("FPDF_ClosePage", f.at)
	}
	f.page, f.at = page, f.l.call("FPDF_LoadPage", f.doc, uint64(page))
	if f.at != 0 && f.l.call("FPDFPage_Flatten", f.at, asOnScreen) == 1 { // changed: read it again
		f.l.call("FPDF_ClosePage", f.at)
		f.at = f.l.call("FPDF_LoadPage", f.doc, uint64(page))
	}
	if f.at == 0 {
		return refuse(msgBroken)
	}
	return f.wrong()
}

func (f *pdf) size(page int) (image.Point, error) {
	if err := f.turn(page); err != nil {
		return image.Point{}, err
	}
	w, h := f.l.decimal("FPDF_GetPageWidthF", f.at), f.l.decimal("FPDF_GetPageHeightF", f.at)
	if err := f.wrong(); err != nil || !(w > 0 && h > 0) {
		return image.Point{}, refuse(msgBroken)
	}
	return fit(w/72, h/72)
}

func (f *pdf) draw(page int) (*image.RGBA, error) {
	size, err := f.size(page)
	if err != nil {
		return nil, err
	}
	w, h := uint64(size.X), uint64(size.Y)
	b := f.l.call("FPDFBitmap_CreateEx", w, h, bgrx, 0, 0)
	if b == 0 {
		return nil, refuse(msgHuge)
	}
	f.l.call("FPDFBitmap_FillRect", b, 0, 0, w, h, 0xffffffff)
	f.l.call("FPDF_RenderPageBitmap", b, f.at, 0, 0, w, h, 0, 0)
	stride := f.l.number("FPDFBitmap_GetStride", b)
	at := f.l.call("FPDFBitmap_GetBuffer", b)
	pix := f.l.bytes(at, stride*size.Y)
	if err := f.wrong(); err != nil || stride < 4*size.X {
		return nil, refuse(msgBroken)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		from, to := pix[y*stride:], out.Pix[y*out.Stride:]
		for x := 0; x < 4*size.X; x += 4 {
			to[x], to[x+1], to[x+2], to[x+3] = from[x+2], from[x+1], from[x], 255
		}
	}
	f.l.call("FPDFBitmap_Destroy", b)
	return out, f.wrong()
}

func (f *pdf) text(page int) (string, []Word, error) {
	size, err := f.size(page)
	if err != nil {
		return "", nil, err
	}
	t := f.l.call("FPDFText_LoadPage", f.at)
	if t == 0 {
		return "", nil, f.wrong()
	}
	var w words
	box := f.l.place(32)
	n := f.l.number("FPDFText_CountChars", t)
	for i := range max(n, 0) {
		r := f.letter(t, i)
		if r == 0 {
			continue
		}
		if f.l.call("FPDFText_GetLooseCharBox", t, uint64(i), box) == 0 {
			w.add(r, image.Rectangle{})
			continue
		}
		b := f.l.bytes(box, 16)
		if err := f.wrong(); err != nil {
			return "", nil, err
		}
		side := func(k int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*k:]))) }
		left, top, right, bottom := side(0), side(1), side(2), side(3)
		r1, r2 := f.dot(size, box, left, top), f.dot(size, box, right, bottom)
		w.add(r, image.Rectangle{Min: r1, Max: r2}.Canon())
	}
	f.l.call("free", box)
	f.l.call("FPDFText_ClosePage", t)
	return w.text.String(), w.placed(size), f.wrong()
}

// letter is a character of a page's text; 0 for one that is none.
func (f *pdf) letter(t uint64, i int) rune {
	r := rune(f.l.call("FPDFText_GetUnicode", t, uint64(i)))
	switch {
	case r >= 0xdc00 && r < 0xe000: // the second half of the one before
		return 0
	case utf16.IsSurrogate(r):
		return utf16.DecodeRune(r, rune(f.l.call("FPDFText_GetUnicode", t, uint64(i+1))))
	case r == '\r':
		return 0
	case r == 0x02 || r == 0xfffe: // how PDFium writes the hyphen of a line's end
		return '-'
	case r != '\n' && unicode.IsControl(r):
		return ' '
	}
	return r
}

// dot is where a point of the page is on its picture.
func (f *pdf) dot(size image.Point, scratch uint64, x, y float64) image.Point {
	f.l.call("FPDF_PageToDevice", f.at, 0, 0, uint64(size.X), uint64(size.Y), 0, math.Float64bits(x), math.Float64bits(y), scratch+16, scratch+20)
	b := f.l.bytes(scratch+16, 8)
	if f.l.err != nil {
		return image.Point{}
	}
	return image.Pt(int(int32(binary.LittleEndian.Uint32(b))), int(int32(binary.LittleEndian.Uint32(b[4:]))))
}

// words collects the letters of a page into words with their places.
type words struct {
	text  strings.Builder
	found []struct {
		from, to int
		r        image.Rectangle
	}
	open bool
}

// add takes one more letter: letters and figures go together, any other sign
// stands alone.
func (w *words) add(r rune, at image.Rectangle) {
	from := w.text.Len()
	w.text.WriteRune(r)
	if unicode.IsSpace(r) {
		w.open = false
		return
	}
	joins := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
	if n := len(w.found); joins && w.open && n > 0 {
		w.found[n-1].to, w.found[n-1].r = w.text.Len(), w.found[n-1].r.Union(at)
	} else {
		w.found = append(w.found, struct {
			from, to int
			r        image.Rectangle
		}{from, w.text.Len(), at})
	}
	w.open = joins
}

func (w *words) placed(size image.Point) []Word {
	var out []Word
	for _, x := range w.found {
		if a := areaOf(x.r, size); a.W > 0 && a.H > 0 {
			out = append(out, Word{x.from, x.to, a})
		}
	}
	return out
}
