package flat

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"testing"
	"unicode/utf16"
)

// What the samples hold, and no copy may.
const (
	surname   = "Ferrettini"
	taxCode   = "FRRLCU80A41F205X"
	phone     = "3331234567"
	oldName   = "Bartolomei"   // of a previous revision
	inside    = "Quaglianotti" // in an attached file
	layer     = "Zampieroli"   // on a layer that is not shown
	commented = "Ventorucci"   // in a comment
	field     = "Pennasilico"  // in a form field
	property  = "Mastrogiaco"  // in the properties
)

var secrets = []string{surname, taxCode, phone, oldName, inside, layer, commented, field, property}

// pdfWriter writes a PDF object by object.
type pdfWriter struct {
	bytes.Buffer
	at map[int]int
}

func newPDF() *pdfWriter {
	w := &pdfWriter{at: map[int]int{}}
	w.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return w
}

func (w *pdfWriter) object(n int, body string) {
	w.at[n] = w.Len()
	w.WriteString(fmt.Sprintf("%d 0 obj\n%s\nendobj\n", n, body))
}

func (w *pdfWriter) stream(n int, dict, body string) {
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write([]byte(body))
	_ = zw.Close()
	w.object(n, fmt.Sprintf("<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", dict, z.Len(), z.String()))
}

// end writes the table of the objects written since the last, which was at prev.
func (w *pdfWriter) end(size, prev int, more string) int {
	at := w.Len()
	w.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for n := range size {
		if o, ok := w.at[n]; ok {
			w.WriteString(fmt.Sprintf("%d 1\n%010d 00000 n \n", n, o))
		}
	}
	if prev > 0 {
		more += fmt.Sprintf("/Prev %d", prev)
	}
	w.WriteString(fmt.Sprintf("trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", size, more, at))
	w.at = map[int]int{}
	return at
}

// letterPDF is a letter of two pages with everything in which words can hide.
func letterPDF() []byte {
	w := newPDF()
	w.object(1, "<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[("+inside+".txt) 12 0 R]>>>>/OCProperties<</OCGs[11 0 R]/D<</OFF[11 0 R]>>>>/AcroForm<</Fields[15 0 R]>>/Metadata 16 0 R>>")
	w.object(2, "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>")
	w.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>/Properties<</L 11 0 R>>>>/Annots[14 0 R 15 0 R]>>")
	w.stream(4, "", "BT /F 14 Tf 60 760 Td (Sono "+oldName+" e scrivo.) Tj ET")
	w.object(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
	w.object(6, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 7 0 R/Rotate 90/Resources<</Font<</F 5 0 R>>>>>>")
	w.stream(7, "", "BT /F 12 Tf 100 400 Td (Telefono "+phone+" per favore.) Tj ET")
	w.object(8, "<</Title(Lettera di "+property+")/Author<"+hex16(property)+">/Producer(Prova)>>")
	w.object(11, "<</Type/OCG/Name(Strato)>>")
	w.object(12, "<</Type/Filespec/F("+inside+".txt)/EF<</F 13 0 R>>>>")
	w.stream(13, "/Type/EmbeddedFile", "Dentro c'è "+inside)
	w.object(14, "<</Type/Annot/Subtype/FreeText/Rect[60 500 360 530]/Contents(Nota di "+commented+")/DA(/F 12 Tf 0 g)/AP<</N 17 0 R>>>>")
	w.object(15, "<</Type/Annot/Subtype/Widget/FT/Tx/T(nome)/V("+field+")/Rect[60 440 360 470]/P 3 0 R/F 4/DA(/F 12 Tf 0 g)/AP<</N 18 0 R>>>>")
	w.stream(16, "/Type/Metadata/Subtype/XML", "<x:xmpmeta xmlns:x='adobe:ns:meta/'>"+property+"</x:xmpmeta>")
	appearance := "/Type/XObject/Subtype/Form/BBox[0 0 300 30]/Resources<</Font<</F 5 0 R>>>>"
	w.stream(17, appearance, "BT /F 12 Tf 2 8 Td (Nota di "+commented+") Tj ET")
	w.stream(18, appearance, "BT /F 12 Tf 2 8 Td ("+field+") Tj ET")
	prev := w.end(19, 0, "/Info 8 0 R")
	w.stream(4, "", "BT /F 14 Tf 60 760 Td (Mi chiamo Lucia "+surname+", codice fiscale "+taxCode+".) Tj 0 -40 Td (Il 3 marzo ho aspettato sei ore.) Tj ET "+
		"/OC /L BDC BT /F 14 Tf 60 300 Td ("+layer+") Tj ET EMC")
	w.end(19, prev, "/Info 8 0 R")
	return w.Bytes()
}

func hex16(s string) string {
	b := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return fmt.Sprintf("%x", b)
}

// pagesPDF is a PDF of so many empty pages of that size, in points.
func pagesPDF(n int, width, height string) []byte {
	w := newPDF()
	w.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	w.object(2, fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Repeat("3 0 R ", n), n))
	w.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 "+width+" "+height+"]>>")
	w.end(4, 0, "")
	return w.Bytes()
}

// deepPDF is a PDF whose tables point back to each other without an end.
func deepPDF(n int) []byte {
	w := newPDF()
	w.object(1, "<</Type/Catalog/Pages 2 0 R>>")
	w.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")
	w.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>")
	prev := w.end(4, 0, "")
	for range n {
		w.object(3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>")
		prev = w.end(4, prev, "")
	}
	b := w.Bytes()
	return bytes.Replace(b, []byte("/Root 1 0 R>>"), fmt.Appendf(nil, "/Root 1 0 R/Prev %d>>", prev), 1)
}

// photograph is a JPEG taken with the camera on its side, with words in its EXIF,
// its comment and its thumbnail.
func photograph(t testing.TB, width, height int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.RGBA{uint8(x), uint8(y), 0x40, 0xff})
		}
	}
	for y := range height / 4 { // the corner that will be above on the right
		for x := range width / 4 {
			m.Set(x, y, color.RGBA{0xff, 0, 0, 0xff})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x02" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00" +
		"\x01\x3b\x00\x02\x00\x00\x00\x0b\x00\x00\x00\x26" + "\x00\x00\x00\x00" + surname + "\x00" + "\xff\xd8" + taxCode
	var out bytes.Buffer
	out.Write(b.Bytes()[:2])
	for _, s := range []struct {
		marker byte
		body   string
	}{{0xe1, exif}, {0xfe, "di " + property}} {
		out.Write([]byte{0xff, s.marker})
		out.Write(binary.BigEndian.AppendUint16(nil, uint16(len(s.body)+2)))
		out.WriteString(s.body)
	}
	out.Write(b.Bytes()[2:])
	out.WriteString(inside)
	return out.Bytes()
}

// zipped is an office file of these entries, in order.
func zipped(t testing.TB, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		f, err := z.Create(entries[i])
		if err == nil {
			_, err = f.Write([]byte(entries[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

func letterDOCX(t testing.TB) []byte {
	return zipped(t,
		"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"word/document.xml", `<w:document `+wordSpace+`><w:body><w:p><w:r><w:t>Mi chiamo Lucia `+surname+`.</w:t></w:r>`+
			`<w:del><w:r><w:delText>`+oldName+`</w:delText></w:r></w:del><w:ins><w:r><w:t xml:space="preserve"> Il telefono è `+phone+`.</w:t></w:r></w:ins>`+
			`<w:r><w:rPr><w:vanish/></w:rPr><w:t>`+layer+`</w:t></w:r></w:p><w:p><w:r><w:t>Ho aspettato</w:t></w:r><w:r><w:tab/><w:t>sei ore.</w:t></w:r></w:p></w:body></w:document>`,
		"word/comments.xml", `<w:comments `+wordSpace+`><w:comment><w:p><w:r><w:t>`+commented+`</w:t></w:r></w:p></w:comment></w:comments>`,
		"word/header1.xml", `<w:hdr `+wordSpace+`><w:p><w:r><w:t>`+field+`</w:t></w:r></w:p></w:hdr>`,
		"docProps/core.xml", `<cp:coreProperties xmlns:cp="x"><creator>`+property+`</creator></cp:coreProperties>`)
}

func letterODT(t testing.TB) []byte {
	const spaces = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"`
	return zipped(t, "mimetype", "application/vnd.oasis.opendocument.text",
		"content.xml", `<office:document-content `+spaces+`><office:body><office:text><text:tracked-changes><text:changed-region><text:deletion><text:p>`+oldName+
			`</text:p></text:deletion></text:changed-region></text:tracked-changes><text:p>Mi chiamo Lucia <text:span>`+surname+`</text:span>.<office:annotation><dc:creator>`+property+
			`</dc:creator><text:p>`+commented+`</text:p></office:annotation></text:p><text:p>Telefono<text:s text:c="2"/>`+phone+`<text:tab/>sei ore.</text:p></office:text></office:body></office:document-content>`,
		"meta.xml", `<x>`+property+`</x>`)
}
