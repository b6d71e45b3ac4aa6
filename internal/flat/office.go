package flat

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"tutela/internal/document"
)

const maxXML = 32 << 20 // bytes of the text of an office file, unpacked

// proseOf is the text of a file as its reader sees it: without what was deleted
// with its changes tracked, comments, hidden words, headers and properties.
func proseOf(t document.Tipo, data []byte) (string, error) {
	switch t {
	case document.DOCX:
		return office(data, "word/document.xml", docxWords)
	case document.ODT:
		return office(data, "content.xml", odtWords)
	}
	return plain(data)
}

// plain is a text in UTF-8, in UTF-16 with its mark, or in the letters of Windows.
func plain(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		b, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil {
			return "", refuse(msgBroken)
		}
		return string(b), nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if utf8.Valid(data) {
		return string(data), nil
	}
	b, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return "", refuse(msgBroken)
	}
	return string(b), nil
}

// office reads the text of one entry. What the file as a whole may hold was
// judged by document.Inspect when it came, and is judged again.
func office(data []byte, name string, words func(*xml.Decoder, *strings.Builder) error) (string, error) {
	if _, err := document.Inspect(data); err != nil {
		return "", err
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", refuse(msgBroken)
	}
	f, err := z.Open(name)
	if err != nil {
		return "", refuse(msgBroken)
	}
	defer func() { _ = f.Close() }()
	var b strings.Builder
	switch err := words(xml.NewDecoder(io.LimitReader(f, maxXML)), &b); {
	case b.Len() > maxLetters:
		return "", refuse(msgLong)
	case err != nil && !errors.Is(err, io.EOF):
		return "", refuse(msgBroken)
	}
	return b.String(), nil
}

// docxWords writes what a reader of a DOCX sees: runs that are not hidden nor
// deleted, paragraph by paragraph.
func docxWords(d *xml.Decoder, b *strings.Builder) error {
	var run strings.Builder
	inText, hidden := false, false
	for b.Len() <= maxLetters {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "del", "moveFrom", "instrText", "Fallback":
				if err := d.Skip(); err != nil {
					return err
				}
			case "r":
				run.Reset()
				hidden = false
			case "vanish", "webHidden":
				v := attribute(t, "val")
				hidden = v != "0" && v != "false"
			case "t":
				inText = true
			case "tab":
				run.WriteByte('\t')
			case "br", "cr":
				run.WriteByte('\n')
			case "noBreakHyphen":
				run.WriteByte('-')
			}
		case xml.CharData:
			if inText {
				run.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "r":
				if !hidden {
					b.WriteString(run.String())
				}
				run.Reset()
			case "p":
				b.WriteByte('\n')
			}
		}
	}
	return nil
}

// odtWords writes what a reader of an ODT sees: its paragraphs, without what was
// deleted, comments and hidden words.
func odtWords(d *xml.Decoder, b *strings.Builder) error {
	paragraphs := 0 // open around what comes
	for b.Len() <= maxLetters {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "tracked-changes", "annotation", "annotation-end", "hidden-text", "hidden-paragraph", "note-citation", "forms", "styles", "automatic-styles", "font-face-decls":
				if err := d.Skip(); err != nil {
					return err
				}
			case "p", "h":
				paragraphs++
			case "s":
				n, _ := strconv.Atoi(attribute(t, "c"))
				b.WriteString(strings.Repeat(" ", min(max(n, 1), 100)))
			case "tab":
				b.WriteByte('\t')
			case "line-break":
				b.WriteByte('\n')
			}
		case xml.CharData:
			if paragraphs > 0 {
				b.Write(t)
			}
		case xml.EndElement:
			if n := t.Name.Local; n == "p" || n == "h" {
				paragraphs--
				b.WriteByte('\n')
			}
		}
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
