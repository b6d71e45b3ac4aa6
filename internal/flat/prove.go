package flat

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"unicode/utf16"
)

// prove opens a copy again, as a stranger would, and fails with the first thing
// that is not as it must be. What it gives is all that can be read in it besides
// pictures: nothing, if it is clean.
func prove(args json.RawMessage, body []byte) (any, []byte, error) {
	var t task
	if err := json.Unmarshal(args, &t); err != nil {
		return nil, nil, err
	}
	err := clean(body, t)
	if err != nil { // why goes to the log: it says nothing of the file
		return nil, nil, refuse(err.Error())
	}
	text, err := strangers(body, t.Areas)
	if err != nil {
		return nil, nil, refuse(err.Error())
	}
	return text, nil, nil
}

// clean checks the bytes of a copy and its pictures.
func clean(copied []byte, t task) error {
	sheets, err := readPDF(copied)
	if err != nil {
		return err
	}
	if len(sheets) != len(t.Areas) {
		return fmt.Errorf("%d pages of %d", len(sheets), len(t.Areas))
	}
	for i, s := range sheets {
		if err := s.prove(t.Areas[i]); err != nil {
			return fmt.Errorf("page %d: %w", i+1, err)
		}
	}
	for i, words := range t.Removed {
		if holds(copied, words) {
			return fmt.Errorf("removed passage %d is in the bytes", i+1)
		}
	}
	return nil
}

// prove checks a page: a bare picture, of the size it says, black where it must be.
func (s sheet) prove(areas []Area) error {
	if err := bare(s.jpeg); err != nil {
		return err
	}
	m, err := jpeg.Decode(bytes.NewReader(s.jpeg))
	if err != nil {
		return err
	}
	if m.Bounds() != image.Rect(0, 0, s.width, s.height) {
		return errors.New("a picture of another size")
	}
	return blackened(m, areas, 0)
}

const (
	edge      = 16 // dots inside an area's border to which a JPEG may spill
	blackest  = 40 // of 255: what a JPEG makes of black
	blackEdge = 110
)

// blackened reports where an area can be seen through, but for so many dots of its
// border, which a picture drawn again mixes with what is beside them.
func blackened(m image.Image, areas []Area, border int) error {
	for n, a := range areas {
		all := a.dots(m.Bounds().Max).Inset(border)
		inner := all.Inset(edge - border)
		for y := all.Min.Y; y < all.Max.Y; y++ {
			for x := all.Min.X; x < all.Max.X; x++ {
				most := uint32(blackEdge)
				if image.Pt(x, y).In(inner) {
					most = blackest
				}
				if r, g, b, _ := m.At(x, y).RGBA(); (r+g+b)/3>>8 > most {
					return fmt.Errorf("area %d is not black", n+1)
				}
			}
		}
	}
	return nil
}

// bare wants a JPEG of nothing but its picture: no comment, no EXIF, no thumbnail,
// nothing after its end.
func bare(b []byte) error {
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return errors.New("not a JPEG")
	}
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xff {
			return errors.New("a JPEG out of step")
		}
		switch b[i+1] {
		case 0xdb, 0xc0, 0xc4: // tables, frame
			i += 2 + int(binary.BigEndian.Uint16(b[i+2:]))
		case 0xda:
			end := bytes.Index(b[i:], []byte{0xff, 0xd9})
			if end < 0 || i+end+2 != len(b) {
				return errors.New("something after the picture")
			}
			return nil
		default:
			return fmt.Errorf("a JPEG with marker %x", b[i+1])
		}
	}
	return errors.New("a JPEG without a picture")
}

// short is how few letters may stand in a picture's bytes by chance.
const short = 6

// holds looks for words in the raw bytes, as text of one byte a letter, in UTF-8
// and in UTF-16.
func holds(data []byte, words string) bool {
	if len([]rune(words)) < short {
		return false
	}
	var le, be []byte
	for _, u := range utf16.Encode([]rune(words)) {
		le = binary.LittleEndian.AppendUint16(le, u)
		be = binary.BigEndian.AppendUint16(be, u)
	}
	return bytes.Contains(data, []byte(words)) || bytes.Contains(data, le) || bytes.Contains(data, be)
}

// properties are those that a PDF may have.
var properties = []string{"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate"}

// strangers opens the copy with PDFium, and gives what can be read of it: words of
// its pages and properties. Attachments, comments and fields are an error.
func strangers(data []byte, areas [][]Area) (string, error) {
	f, err := openPDF(data)
	if err != nil {
		return "", err
	}
	defer f.close()
	if f.count != len(areas) {
		return "", fmt.Errorf("%d pages of %d", f.count, len(areas))
	}
	out := ""
	for i := range areas {
		t, _, err := f.text(i)
		if err != nil {
			return "", err
		}
		out += t
		m, err := f.draw(i)
		if err != nil {
			return "", err
		}
		if err := blackened(m, areas[i], 2); err != nil {
			return "", fmt.Errorf("page %d, drawn again: %w", i+1, err)
		}
		if n := f.l.number("FPDFPage_GetAnnotCount", f.at); n != 0 {
			return "", fmt.Errorf("page %d has %d comments", i+1, n)
		}
	}
	if n := f.l.number("FPDFDoc_GetAttachmentCount", f.doc); n != 0 {
		return "", fmt.Errorf("%d attachments", n)
	}
	for _, p := range properties {
		name := f.l.place(len(p) + 1)
		f.l.m.Memory().Write(uint32(name), append([]byte(p), 0))
		if n := f.l.number("FPDF_GetMetaText", f.doc, name, 0, 0); n > 2 {
			return "", fmt.Errorf("it has %s", p)
		}
	}
	return out, f.wrong()
}
