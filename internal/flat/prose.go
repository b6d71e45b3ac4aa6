package flat

import (
	"fmt"
	"image"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"tutela/internal/document"
)

// A sheet of ours, in dots: A4 with its margins, letters of 11 points.
const (
	sheetWidth, sheetHeight = 1240, 1754
	margin                  = 118
	lineHeight              = 33
	points                  = 11
)

var (
	letters = sync.OnceValues(func() (font.Face, error) { return faceOf(points) })
	figures = sync.OnceValues(func() (font.Face, error) { return faceOf(7) }) // beside what is framed
)

func faceOf(size float64) (font.Face, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read font: %w", err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: dpi})
}

// prose is a text set anew on sheets of ours: it looks like no file that came, and
// has nothing of it but the words.
type prose struct {
	face  font.Face
	lines [][]string // of every sheet
}

func openProse(t document.Tipo, data []byte) (*prose, error) {
	text, err := proseOf(t, data)
	if err != nil {
		return nil, err
	}
	face, err := letters()
	if err != nil {
		return nil, err
	}
	if len(text) > maxLetters {
		return nil, refuse(msgLong)
	}
	p := &prose{face: face}
	lines := p.fold(strings.TrimSpace(text))
	const most = (sheetHeight - 2*margin) / lineHeight
	for len(lines) > 0 {
		n := min(most, len(lines))
		p.lines, lines = append(p.lines, lines[:n]), lines[n:]
	}
	return p, nil
}

// fold breaks a text into lines that fit a sheet.
func (p *prose) fold(text string) []string {
	if text == "" {
		return nil
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
	var out []string
	empty := 0
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			if empty++; empty == 1 {
				out = append(out, "")
			}
			continue
		}
		empty = 0
		out = append(out, p.foldLine(line)...)
	}
	return out
}

// foldLine breaks one line between words, or inside one that is too long.
func (p *prose) foldLine(line string) []string {
	const room = sheetWidth - 2*margin
	var out []string
	var now strings.Builder
	width := fixed.I(0)
	space := -1 // where the line can be broken
	for _, r := range line {
		if r == ' ' {
			space = now.Len()
		}
		a, _ := p.face.GlyphAdvance(r)
		now.WriteRune(r)
		if width += a; width.Ceil() <= room {
			continue
		}
		s := now.String()
		cut, rest := len(s)-len(string(r)), len(s)-len(string(r))
		if space > 0 {
			cut, rest = space, space+1
		}
		out = append(out, s[:cut])
		now.Reset()
		now.WriteString(s[min(rest, len(s)):])
		width, space = font.MeasureString(p.face, now.String()), -1
	}
	return append(out, now.String())
}

func (p *prose) pages() int { return len(p.lines) }
func (p *prose) close()     {}

func (p *prose) size(int) (image.Point, error) { return image.Pt(sheetWidth, sheetHeight), nil }

func (p *prose) draw(page int) (*image.RGBA, error) {
	out := image.NewRGBA(image.Rect(0, 0, sheetWidth, sheetHeight))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: out, Src: black, Face: p.face}
	for i, line := range p.lines[page] {
		d.Dot = fixed.P(margin, baseline(i))
		d.DrawString(line)
	}
	return out, nil
}

func baseline(line int) int { return margin + (line+1)*lineHeight - lineHeight/3 }

func (p *prose) text(page int) (string, []Word, error) {
	var w words
	for i, line := range p.lines[page] {
		x := fixed.I(margin)
		top := baseline(i) - lineHeight*3/4
		for _, r := range line {
			a, _ := p.face.GlyphAdvance(r)
			w.add(r, image.Rect(x.Floor(), top, (x+a).Ceil(), top+lineHeight))
			x += a
		}
		w.add('\n', image.Rectangle{})
	}
	return w.text.String(), w.placed(image.Pt(sheetWidth, sheetHeight)), nil
}
