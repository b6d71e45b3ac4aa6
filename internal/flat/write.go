package flat

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// sheet is a page of a copy: a JPEG, and nothing else.
type sheet struct {
	width, height int
	jpeg          []byte
}

// writePDF writes a PDF of pictures: no text, no properties, no names, no other
// objects. The same sheets give the same bytes.
func writePDF(sheets []sheet) []byte {
	var b bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format, append([]any{len(at)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	object("<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	object("<</Type/Pages/Count %d/Kids[", len(sheets))
	for i := range sheets {
		fmt.Fprintf(&b, " %d 0 R", 3+3*i)
	}
	b.WriteString("]>>\nendobj\n")
	for i, s := range sheets {
		w, h := points72(s.width), points72(s.height)
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %s %s]/Resources<</XObject<</P %d 0 R>>>>/Contents %d 0 R>>\nendobj\n", w, h, 5+3*i, 4+3*i)
		draw := "q " + w + " 0 0 " + h + " 0 0 cm /P Do Q"
		object("<</Length %d>>\nstream\n%s\nendstream\nendobj\n", len(draw), draw)
		object(imageHead, s.width, s.height, len(s.jpeg))
		b.Write(s.jpeg)
		b.WriteString("\nendstream\nendobj\n")
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, x := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", x)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

const imageHead = "<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n"

// points72 is a number of dots as a length of PDF.
func points72(dots int) string { return strconv.FormatFloat(float64(dots)*72/dpi, 'f', 4, 64) }

var errOther = errors.New("it is not a copy of ours, byte by byte")

// readPDF reads what writePDF wrote: it takes the pictures out, writes them again,
// and wants the same bytes. Whatever else a file may hold makes it another file.
func readPDF(data []byte) ([]sheet, error) {
	var out []sheet
	for rest := data; ; {
		i := bytes.Index(rest, []byte("<</Type/XObject/Subtype/Image/"))
		if i < 0 {
			break
		}
		rest = rest[i:]
		end := bytes.Index(rest, []byte("stream\n"))
		if end < 0 {
			return nil, errOther
		}
		end += len("stream\n")
		var s sheet
		var n int
		if k, err := fmt.Sscanf(string(rest[:end]), imageHead, &s.width, &s.height, &n); err != nil || k != 3 || n < 0 || n > len(rest)-end {
			return nil, errOther
		}
		s.jpeg, rest = rest[end:end+n], rest[end+n:]
		out = append(out, s)
	}
	if !bytes.Equal(writePDF(out), data) {
		return nil, errOther
	}
	return out, nil
}
