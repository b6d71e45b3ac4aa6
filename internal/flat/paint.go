package flat

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strconv"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"

	"tutela/internal/fault"
)

const (
	quality     = 82
	lessQuality = 60 // of a file of many pages
	manyPages   = 20
	maxCopy     = 20 << 20 // bytes
)

// cover paints areas black, to the last dot that they touch.
func cover(m *image.RGBA, areas []Area) {
	for _, a := range areas {
		draw.Draw(m, a.dots(m.Rect.Max), black, image.Point{}, draw.Src)
	}
}

var pen = color.RGBA{0xb0, 0x00, 0x20, 0xff}

// outline draws areas as frames with their numbers, so that what stands in them
// can be read and decided.
func outline(m *image.RGBA, areas []Area, numbers []int) error {
	face, err := figures()
	if err != nil {
		return err
	}
	ink := image.NewUniform(pen)
	ruler(m, face)
	for i, a := range areas {
		r := a.dots(m.Rect.Max)
		for _, side := range []image.Rectangle{{r.Min.Sub(image.Pt(3, 3)), image.Pt(r.Max.X+3, r.Min.Y)}, {image.Pt(r.Min.X-3, r.Max.Y), r.Max.Add(image.Pt(3, 3))},
			{r.Min.Sub(image.Pt(3, 3)), image.Pt(r.Min.X, r.Max.Y+3)}, {image.Pt(r.Max.X, r.Min.Y-3), r.Max.Add(image.Pt(3, 3))}} {
			draw.Draw(m, side, ink, image.Point{}, draw.Src)
		}
		n := strconv.Itoa(numbers[i])
		w := font.MeasureString(face, n).Ceil()
		tag := image.Rect(r.Min.X-3, r.Min.Y-15, r.Min.X+w+5, r.Min.Y)
		if tag.Min.Y < 0 {
			tag = tag.Add(image.Pt(0, r.Max.Y-r.Min.Y+15))
		}
		draw.Draw(m, tag, ink, image.Point{}, draw.Src)
		d := font.Drawer{Dst: m, Src: image.White, Face: face, Dot: fixed.P(tag.Min.X+4, tag.Max.Y-2)}
		d.DrawString(n)
	}
	return nil
}

// ruler marks every tenth of a page along its edges.
func ruler(m *image.RGBA, face font.Face) {
	grey := image.NewUniform(color.RGBA{0x5a, 0x68, 0x72, 0xff})
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for k := 1; k < 10; k++ {
		x, y := w*k/10, h*k/10
		draw.Draw(m, image.Rect(x, 0, x+2, 14), grey, image.Point{}, draw.Src)
		draw.Draw(m, image.Rect(0, y, 14, y+2), grey, image.Point{}, draw.Src)
		d := font.Drawer{Dst: m, Src: grey, Face: face}
		for _, at := range []fixed.Point26_6{fixed.P(x-12, 34), fixed.P(17, y+8)} {
			d.Dot = at
			d.DrawString(strconv.Itoa(10 * k))
		}
	}
}

func encode(m image.Image, q int) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: q}); err != nil {
		return nil, fmt.Errorf("encode picture: %w", err)
	}
	return b.Bytes(), nil
}

// picture draws one page, to be looked at: with areas framed, or as the copy will
// be.
func picture(s source, t task) (any, []byte, error) {
	if t.Page < 0 || t.Page >= s.pages() || len(t.Areas) != 1 || t.Numbers != nil && len(t.Numbers) != len(t.Areas[0]) {
		return nil, nil, fault.New(fault.NotFound, "Questa pagina non c'è.")
	}
	m, err := s.draw(t.Page)
	if err != nil {
		return nil, nil, err
	}
	if t.Numbers != nil {
		err = outline(m, t.Areas[0], t.Numbers)
	} else {
		cover(m, t.Areas[0])
	}
	if err != nil {
		return nil, nil, err
	}
	out, err := encode(m, quality)
	return nil, out, err
}

// copyFlat makes the copy of a file: its pages as pictures, areas painted over.
func copyFlat(s source, t task) (any, []byte, error) {
	if len(t.Areas) != s.pages() {
		return nil, nil, fmt.Errorf("areas of %d pages for a file of %d", len(t.Areas), s.pages())
	}
	q := quality
	if s.pages() > manyPages {
		q = lessQuality
	}
	var sheets []sheet
	total := 0
	for i, areas := range t.Areas {
		m, err := s.draw(i)
		if err != nil {
			return nil, nil, err
		}
		cover(m, areas)
		b, err := encode(m, q)
		if err != nil {
			return nil, nil, err
		}
		sheets = append(sheets, sheet{m.Rect.Dx(), m.Rect.Dy(), b})
		if total += len(b); total > maxCopy {
			return nil, nil, fault.New(fault.TooLarge, "La copia supera i 20 MB. Dividi il file, oppure fanne una copia su carta.")
		}
	}
	return nil, writePDF(sheets), nil
}
