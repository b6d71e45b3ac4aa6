// Package flat makes of a foreign file a copy that holds nothing but pictures of
// its pages, with what was chosen painted over before they are written, and proves
// of a copy that it is so. It runs in the child; Maker is its other side.
package flat

import (
	"encoding/json"
	"fmt"
	"image"
	"io"
	"strconv"

	"tutela/internal/child"
	"tutela/internal/document"
	"tutela/internal/fault"
)

// Bounds on what is opened. A page is drawn at 150 dots an inch, with less where
// it would be larger than maxDots.
const (
	MaxPages   = 100
	dpi        = 150
	maxDots    = 9_000_000  // of a page drawn: an A3 and more
	maxPhoto   = 60_000_000 // dots of a photograph, before it is decoded
	maxLetters = 1_000_000  // of the words of a file
	minDPI     = 40         // below it a page cannot be read
)

// Scale is how many steps an area counts along each side of its page.
const Scale = 10_000

// Area is a rectangle of a page, in steps of Scale from its upper left corner.
type Area struct{ X, Y, W, H int }

// Word is a stretch of a page's text, without spaces, and where it stands.
type Word struct {
	From, To int // bytes of the text
	Area
}

// All stands for every page of a file.
const All = -1

// Page is one page as it can be read.
type Page struct {
	Width, Height int // dots
	Text          string
	Words         []Word
}

// source is a file that was opened.
type source interface {
	pages() int
	size(page int) (image.Point, error) // dots
	draw(page int) (*image.RGBA, error)
	text(page int) (string, []Word, error)
	close()
}

// What the person reads, each with another way.
const (
	msgBroken  = "Il file è rovinato: non si apre. Chiedine un altro, o descrivi alla struttura che cosa c'è scritto."
	msgLocked  = "Il file è protetto da una password. Chiedine uno senza, o descrivi alla struttura che cosa c'è scritto."
	msgNothing = "Nel file non ci sono pagine, o non c'è testo. Non c'è niente da mandare."
	msgHuge    = "Una pagina è troppo grande per essere letta. Fanne una copia su carta, o descrivi che cosa c'è."
	msgPhoto   = "L'immagine ha troppi punti. Riducila, o fanne una copia su carta."
	msgKind    = "Di questo tipo di file non possiamo fare una copia dimostrata pulita. Salvalo in PDF o in JPG, fanne una copia su carta, o descrivi alla struttura che cosa c'è."
	msgHEIC    = "È una foto HEIC, il formato di molti telefoni: qui non c'è un lettore che possiamo usare senza rischi. Salvala in JPG e allegala di nuovo, fanne una copia su carta, o descrivi alla struttura che cosa si vede."
	msgLong    = "Il testo è troppo lungo per essere controllato. Dividi il file, o descrivi alla struttura che cosa c'è scritto."
)

func refuse(message string) error { return fault.New(fault.Invalid, message) }

// open opens a file of a type, whole.
func open(t document.Tipo, data []byte) (source, error) {
	var s source
	var err error
	switch t {
	case document.PDF:
		s, err = openPDF(data)
	case document.JPG, document.PNG:
		s, err = openPhoto(data)
	case document.DOCX, document.ODT, document.TXT:
		s, err = openProse(t, data)
	case document.HEIC:
		return nil, refuse(msgHEIC)
	default:
		return nil, refuse(msgKind)
	}
	if err != nil {
		return nil, err
	}
	switch n := s.pages(); {
	case n == 0:
		s.close()
		return nil, refuse(msgNothing)
	case n > MaxPages:
		s.close()
		return nil, fault.New(fault.TooLarge, "Il file ha "+strconv.Itoa(n)+" pagine: più di "+strconv.Itoa(MaxPages)+
			" non si possono guardare una per una. Dividilo, fanne una copia su carta, o descrivi che cosa c'è.")
	}
	return s, nil
}

// fit is the size in dots of a page of so many inches.
func fit(width, height float64) (image.Point, error) {
	d := float64(dpi)
	for width*d*height*d > maxDots {
		if d *= 0.9; d < minDPI {
			return image.Point{}, refuse(msgHuge)
		}
	}
	p := image.Pt(int(width*d+0.5), int(height*d+0.5))
	if p.X < 8 || p.Y < 8 || p.X > 30000 || p.Y > 30000 {
		return p, refuse(msgHuge)
	}
	return p, nil
}

// dots are the dots of an area on a page: every one that it touches.
func (a Area) dots(size image.Point) image.Rectangle {
	up := func(n, side int) int { return (n*side + Scale - 1) / Scale }
	return image.Rect(a.X*size.X/Scale, a.Y*size.Y/Scale, up(a.X+a.W, size.X), up(a.Y+a.H, size.Y)).Intersect(image.Rectangle{Max: size})
}

// areaOf is the least area that covers some dots of a page.
func areaOf(r image.Rectangle, size image.Point) Area {
	r = r.Intersect(image.Rectangle{Max: size})
	if r.Empty() {
		return Area{}
	}
	x, y := r.Min.X*Scale/size.X, r.Min.Y*Scale/size.Y
	up := func(n, side int) int { return (n*Scale + side - 1) / side }
	return Area{x, y, up(r.Max.X, size.X) - x, up(r.Max.Y, size.Y) - y}
}

// task is what a work is told besides the file.
type task struct {
	Type    document.Tipo
	Page    int
	Areas   [][]Area // of every page, or of the one
	Numbers []int    // of the areas, framed; nil: they are painted over
	Removed []string
}

// Works are what the child can do with a file.
var Works = map[string]child.Work{
	"warm": func(json.RawMessage, []byte) (any, []byte, error) {
		_, err := engine()
		return nil, nil, err
	},
	"read":    onFile(read),
	"picture": onFile(picture),
	"copy":    onFile(copyFlat),
	"prove":   prove,
}

// onFile is work on the pages of a file, which it opens.
func onFile(work func(source, task) (any, []byte, error)) child.Work {
	return func(args json.RawMessage, body []byte) (any, []byte, error) {
		var t task
		if err := json.Unmarshal(args, &t); err != nil {
			return nil, nil, err
		}
		s, err := open(t.Type, body)
		if err != nil {
			return nil, nil, err
		}
		defer s.close()
		return work(s, t)
	}
}

// read gives the pages of a file with their words.
func read(s source, t task) (any, []byte, error) {
	out, letters := make([]Page, s.pages()), 0
	for i := range out {
		if t.Page != All && t.Page != i {
			continue
		}
		p := &out[i]
		size, err := s.size(i)
		if err != nil {
			return nil, nil, err
		}
		p.Width, p.Height = size.X, size.Y
		if p.Text, p.Words, err = s.text(i); err != nil {
			return nil, nil, err
		}
		if letters += len(p.Text); letters > maxLetters {
			return nil, nil, refuse(msgLong)
		}
	}
	return out, nil, nil
}

// Over gives the areas of the words of a page that stand in bytes from to to: one
// for each line on which they are.
func (p Page) Over(from, to int) []Area {
	var out []Area
	for _, w := range p.Words {
		if w.To <= from || w.From >= to {
			continue
		}
		if n := len(out); n > 0 && out[n-1].besides(w.Area) {
			out[n-1] = out[n-1].with(w.Area)
			continue
		}
		out = append(out, w.Area)
	}
	return out
}

// besides reports whether an area follows another on its line, or nearly.
func (a Area) besides(b Area) bool {
	common := min(a.Y+a.H, b.Y+b.H) - max(a.Y, b.Y)
	return 2*common > min(a.H, b.H) && b.X+b.W > a.X && b.X-(a.X+a.W) < 2*max(a.H, b.H)
}

func (a Area) with(b Area) Area {
	x, y := min(a.X, b.X), min(a.Y, b.Y)
	return Area{x, y, max(a.X+a.W, b.X+b.W) - x, max(a.Y+a.H, b.Y+b.H) - y}
}

// Format prints [riservato] for every verb.
func (Page) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }

// Format prints [riservato] for every verb.
func (task) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "[riservato]") }
