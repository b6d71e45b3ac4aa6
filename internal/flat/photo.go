package flat

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	_ "image/jpeg" // the two kinds of photograph that are opened
	_ "image/png"

	"golang.org/x/image/draw"
)

// photo is a photograph or a scan: a page without words, that only a person can
// read.
type photo struct{ image *image.RGBA }

func openPhoto(data []byte) (*photo, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case err != nil:
		return nil, refuse(msgBroken)
	case c.Width < 1 || c.Height < 1 || c.Width > maxPhoto/c.Height:
		return nil, refuse(msgPhoto)
	}
	m, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, refuse(msgBroken)
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	for w*h > maxDots {
		w, h = w*9/10, h*9/10
	}
	if w < 8 || h < 8 {
		return nil, refuse(msgHuge)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(out, out.Bounds(), m, m.Bounds(), draw.Over, nil)
	for i := 3; i < len(out.Pix); i += 4 {
		out.Pix[i] = 255
	}
	return &photo{turned(out, orientation(data))}, nil
}

func (p *photo) pages() int                       { return 1 }
func (p *photo) close()                           {}
func (p *photo) size(int) (image.Point, error)    { return p.image.Bounds().Max, nil }
func (p *photo) text(int) (string, []Word, error) { return "", nil, nil }
func (p *photo) draw(int) (*image.RGBA, error)    { return p.image, nil }

// turned puts upright a picture that its camera stored lying.
func turned(m *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	size := image.Pt(w, h)
	if orientation >= 5 {
		size = image.Pt(h, w)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range h {
		for x := range w {
			to := image.Pt(x, y)
			switch orientation {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			i, j := m.PixOffset(x, y), out.PixOffset(to.X, to.Y)
			copy(out.Pix[j:j+4], m.Pix[i:i+4])
		}
	}
	return out
}

// orientation reads from a JPEG how its camera was held: 1 to 8, 0 if it is not
// said.
func orientation(data []byte) int {
	for i := 2; i+4 <= len(data) && data[i] == 0xff && data[i+1] != 0xda; {
		n := int(binary.BigEndian.Uint16(data[i+2:]))
		if n < 2 || i+2+n > len(data) {
			return 0
		}
		if body := data[i+4 : i+2+n]; data[i+1] == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		i += 2 + n
	}
	return 0
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	var o binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		o = binary.LittleEndian
	}
	at := int(o.Uint32(b[4:]))
	if at < 8 || at+2 > len(b) {
		return 0
	}
	for n, i := int(o.Uint16(b[at:])), at+2; n > 0 && i+12 <= len(b); n, i = n-1, i+12 {
		if o.Uint16(b[i:]) == 0x0112 {
			return int(o.Uint16(b[i+8:]))
		}
	}
	return 0
}

var black = image.NewUniform(color.Black)
