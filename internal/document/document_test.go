package document

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"tutela/internal/fault"
)

// entry is a part of a zip made for a test.
type entry struct {
	name, body string
	store      bool
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.store {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, e.body)
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

const wordTypes = `<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`

func docx(t testing.TB, more ...entry) []byte {
	return zipOf(t, append([]entry{{"[Content_Types].xml", wordTypes, false}, {"_rels/.rels", "<Relationships/>", false},
		{"word/document.xml", "<w:document/>", false}}, more...)...)
}

func odt(t testing.TB, more ...entry) []byte {
	return zipOf(t, append([]entry{{"mimetype", "application/vnd.oasis.opendocument.text", true},
		{"content.xml", "<office:document-content/>", false}, {"META-INF/manifest.xml", "<manifest/>", false}}, more...)...)
}

func picture(t testing.TB, enc func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := enc(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func heic(brand string) []byte {
	return append([]byte("\x00\x00\x00\x18ftyp"+brand+"\x00\x00\x00\x00mif1heic"), make([]byte, 100)...)
}

func utf16le(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

// good are files that people send.
func good(t testing.TB) map[string]struct {
	data []byte
	tipo Tipo
} {
	return map[string]struct {
		data []byte
		tipo Tipo
	}{
		"pdf":               {[]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), PDF},
		"png":               {picture(t, png.Encode), PNG},
		"jpg":               {picture(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }), JPG},
		"heic of a phone":   {heic("heic"), HEIC},
		"heif":              {heic("mif1"), HEIC},
		"docx":              {docx(t), DOCX},
		"docx, emz":         {docx(t, entry{"word/media/image1.emz", "\x1f\x8b\x08disegno", true}), DOCX},
		"docx, word at end": {zipOf(t, entry{"[Content_Types].xml", wordTypes + strings.Repeat(" ", 9000), true}, entry{"word/document.xml", "<w/>", false}), DOCX},
		"odt":               {odt(t, entry{"Pictures/", "", true}, entry{"Pictures/1.png", string(picture(t, png.Encode)), false}), ODT},
		"odt, long":         {odt(t, entry{"styles.xml", strings.Repeat("<style:style/>", 500_000), false}), ODT},
		"txt":               {[]byte("Buongiorno,\r\n\tla visita è stata spostata.\n"), TXT},
		"txt, one letter":   {[]byte("a"), TXT},
		"txt, latin 1":      {[]byte("La visita \xe8 stata spostata perch\xe9 mancava il medico."), TXT},
		"txt, utf-16":       {utf16le("La visita è stata spostata."), TXT},
		"txt, table":        {[]byte("data;ora;sportello\n3 maggio;10;2\n4 maggio;11;3\n"), TXT},
		"txt, commas":       {[]byte("a,b,c\n1,2,3\n4,5,6\n"), TXT},
	}
}

// bad are files to refuse, with a word of the reason given.
func bad(t testing.TB) map[string]struct {
	data []byte
	word string
} {
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write(make([]byte, 1<<20))
	_ = w.Close()
	locked := docx(t)
	for _, sig := range []string{"PK\x03\x04", "PK\x01\x02"} { // general purpose flag, bit 0
		at := map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8}[sig]
		for i := 0; ; {
			j := bytes.Index(locked[i:], []byte(sig))
			if j < 0 {
				break
			}
			locked[i+j+at] |= 1
			i += j + 4
		}
	}
	lie := docx(t, entry{"word/a.xml", strings.Repeat("a", 500_000), false})
	i := bytes.LastIndex(lie, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(lie[i+24:], 10) // declared size, in the table
	damaged := docx(t, entry{"word/a.xml", strings.Repeat("visita ", 50), true})
	damaged[bytes.Index(damaged, []byte("visita"))] ^= 1
	many := make([]entry, 1100)
	for i := range many {
		many[i] = entry{fmt.Sprintf("word/%d.xml", i), "", true}
	}
	exe := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), make([]byte, 300)...)
	return map[string]struct {
		data []byte
		word string
	}{
		"empty":                 {nil, "vuoto"},
		"windows program":       {exe, "programma"},
		"linux program":         {append([]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00"), make([]byte, 100)...), "programma"},
		"shell script":          {[]byte("#!/bin/sh\nrm -rf /\n"), "programma"},
		"python":                {[]byte("#!/usr/bin/python3\nimport os\n"), "programma"},
		"php":                   {[]byte("<?php system($_GET['x']);"), "programma"},
		"jar":                   {zipOf(t, entry{"META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n", true}, entry{"a.class", "x", true}), "programma"},
		"html":                  {[]byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "pagine web"},
		"html after spaces":     {[]byte("\n \t<html><body>x"), "pagine web"},
		"xhtml":                 {[]byte(`<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>`), "pagine web"},
		"svg":                   {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "SVG"},
		"svg as xml":            {[]byte(`<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "SVG"},
		"zip":                   {zipOf(t, entry{"foto.jpg", "x", false}), "archivi"},
		"empty zip":             {zipOf(t), "rovinato"},
		"gzip":                  {gz.Bytes(), "archivi"},
		"7z":                    {[]byte("7z\xbc\xaf\x27\x1c\x00\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "archivi"},
		"rar":                   {[]byte("Rar!\x1a\x07\x01\x00aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "archivi"},
		"xlsx":                  {zipOf(t, entry{"[Content_Types].xml", "<Types/>", false}, entry{"_rels/.rels", "<R/>", false}, entry{"xl/workbook.xml", "<x/>", false}), "formato di documento"},
		"ods":                   {zipOf(t, entry{"mimetype", "application/vnd.oasis.opendocument.spreadsheet", true}, entry{"content.xml", "<x/>", false}), "formato di documento"},
		"old word, mail":        {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 600)...), "formato di documento"},
		"rtf":                   {[]byte(`{\rtf1\ansi Buongiorno}`), "formato di documento"},
		"eml":                   {[]byte("Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0100\r\nFrom: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nciao\r\n"), "posta"},
		"gif":                   {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "immagine"},
		"video":                 {append([]byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"), make([]byte, 40)...), "video"},
		"unknown bytes":         {[]byte("\x00\x01\x02\x03\xfe\xfd\x00\x07 qualcosa"), "tipo di file"},
		"text with a zero":      {[]byte(strings.Repeat("Buongiorno. ", 400) + "\x00"), "solo testo"},
		"docm":                  {zipOf(t, entry{"[Content_Types].xml", strings.ReplaceAll(wordTypes, "openxmlformats-officedocument.wordprocessingml.document.main", "ms-word.document.macroEnabled.main"), false}, entry{"word/document.xml", "<w/>", false}), "macro"},
		"docx, vba":             {docx(t, entry{"word/vbaProject.bin", "x", false}), "macro"},
		"odt, basic":            {odt(t, entry{"Basic/Standard/Module1.xml", "Sub Main", false}), "macro"},
		"docx, program":         {docx(t, entry{"word/media/image1.png", string(exe), false}), "programma"},
		"docx, ole object":      {docx(t, entry{"word/embeddings/oleObject1.bin", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", false}), "programma"},
		"docx, zip inside":      {docx(t, entry{"word/embeddings/a.bin", string(docx(t)), false}), "altri file"},
		"odt, rar inside":       {odt(t, entry{"Object 1", "Rar!\x1a\x07\x00", false}), "altri file"},
		"docx, gzip inside":     {docx(t, entry{"word/media/image1.png", gz.String(), true}), "altri file"},
		"docx, password":        {locked, "password"},
		"docx, 11 MB of zeros":  {docx(t, entry{"word/a.xml", strings.Repeat("\x00", 11<<20), false}), "troppi dati"},
		"docx, 20 x 6 MB":       {docx(t, twenty()...), "troppi dati"},
		"docx, too many parts":  {docx(t, many...), "troppi dati"},
		"docx, size is a lie":   {lie, "rovinato"},
		"docx, changed byte":    {damaged, "rovinato"},
		"docx, cut":             {docx(t)[:200], "rovinato"},
		"docx, twice the part":  {docx(t, entry{"word/document.xml", "<other/>", false}), "rovinato"},
		"docx, path out":        {docx(t, entry{"../../etc/passwd", "x", false}), "rovinato"},
		"docx, absolute path":   {docx(t, entry{"/etc/passwd", "x", false}), "rovinato"},
		"docx, windows path":    {docx(t, entry{`word\..\..\x`, "x", false}), "rovinato"},
		"docx, no document":     {zipOf(t, entry{"[Content_Types].xml", wordTypes, false}, entry{"word/x.xml", "<w/>", false}), "archivi"},
		"odt, no content":       {zipOf(t, entry{"mimetype", "application/vnd.oasis.opendocument.text", true}, entry{"x.xml", "<w/>", false}), "archivi"},
		"odt, another mimetype": {zipOf(t, entry{"mimetype", "application/vnd.oasis.opendocument.text-master-x", false}, entry{"content.xml", "<w/>", false}), "archivi"},
	}
}

func twenty() []entry {
	out := make([]entry, 20)
	for i := range out {
		out[i] = entry{fmt.Sprintf("word/p%d.xml", i), strings.Repeat("paragrafo\n", 600_000), false}
	}
	return out
}

func TestInspect(t *testing.T) {
	for name, f := range good(t) {
		if got, err := Inspect(f.data); err != nil || got != f.tipo {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	for name, f := range bad(t) {
		got, err := Inspect(f.data)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), f.word) {
			t.Errorf("%s: %q, %v", name, got, err)
			continue
		}
		for _, sentence := range strings.FieldsFunc(fault.Message(err), func(r rune) bool { return r == '.' }) {
			if len(strings.Fields(sentence)) > 20 {
				t.Errorf("%s: over 20 words: %s", name, sentence)
			}
		}
	}
	if _, err := Inspect(make([]byte, MaxSize+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("over the limit: %v", err)
	}
}

func TestCount(t *testing.T) {
	if err := Count(10); err != nil {
		t.Error(err)
	}
	if err := Count(11); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

func TestMedia(t *testing.T) {
	for name, f := range good(t) {
		if m := f.tipo.Media(); !strings.Contains(m, "/") || m == "application/octet-stream" {
			t.Errorf("%s: %s", name, m)
		}
	}
	if Tipo("exe").Media() != "application/octet-stream" {
		t.Error("an unknown type has a media type")
	}
}

func FuzzInspect(f *testing.F) {
	for _, x := range good(f) {
		if len(x.data) < 4000 {
			f.Add(x.data)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Inspect(b)
		if err != nil && (got != "" || !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge)) {
			t.Fatalf("%q, %v", got, err)
		}
		if err == nil && kinds[got].media == "" {
			t.Fatalf("type %q", got)
		}
	})
}

func TestCleanName(t *testing.T) {
	long := strings.Repeat("è", 300)
	for _, c := range []struct {
		name string
		tipo Tipo
		want string
	}{
		{"referto.pdf", PDF, "referto.pdf"}, {"Referto del 3 maggio.PDF", PDF, "Referto del 3 maggio.PDF"},
		{`C:\Utenti\anna\Referto.pdf`, PDF, "Referto.pdf"}, {"../../etc/passwd", TXT, "passwd.txt"}, {"/a/b/", TXT, "allegato.txt"},
		{"foto.exe", JPG, "foto.exe.jpg"}, {"foto.jpeg", JPG, "foto.jpeg"}, {"foto", PNG, "foto.png"}, {"a.pdf.exe", PDF, "a.pdf.exe.pdf"},
		{"", PDF, "allegato.pdf"}, {"...", PDF, "allegato.pdf"}, {".pdf", PDF, "allegato.pdf"}, {".bashrc", TXT, "bashrc.txt"},
		{"ref\u202efdp.exe", PDF, "reffdp.exe.pdf"}, {"a\x00b\r\n\tc\u200b\u2066\ufeff.pdf", PDF, "ab c.pdf"},
		{"a<b>:\"|?*.pdf", PDF, "a_b______.pdf"}, {"con.pdf", PDF, "allegato-con.pdf"}, {"NUL", TXT, "allegato-NUL.txt"}, {"con.tutti.pdf", PDF, "allegato-con.tutti.pdf"},
		{"visita .pdf", PDF, "visita.pdf"}, {"e\u0300.pdf", PDF, "è.pdf"}, {"\xff\xfea.pdf", PDF, "a.pdf"}, {"😀 foto.png", PNG, "😀 foto.png"},
		{long + ".docx", DOCX, strings.Repeat("è", 115) + ".docx"}, {"\u3164.pdf", PDF, "allegato.pdf"}, {"lettera", "", "lettera"},
		{"con." + long, PDF, "allegato-con." + strings.Repeat("è", 103) + ".pdf"},
	} {
		if got := CleanName(c.name, c.tipo); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("..\\a/b\u202e\x00.pdf")
	f.Add("0\u0657\u07b3\u032f")
	f.Fuzz(func(t *testing.T, s string) {
		for _, tipo := range []Tipo{PDF, JPG, ""} {
			got := CleanName(s, tipo)
			n := len([]rune(got))
			if n == 0 || n > maxName || strings.ContainsAny(got, "/\\\x00\r\n\u202e\u2066\u200b<>:\"|?*") || got[0] == '.' || got[0] == ' ' {
				t.Fatalf("%q gives %q", s, got)
			}
			if again := CleanName(got, tipo); again != got {
				t.Fatalf("%q gives %q, then %q", s, got, again)
			}
		}
	})
}

// noClear fails if a file under dir holds the words.
func noClear(t *testing.T, dir, words string) {
	t.Helper()
	for _, p := range files(t, dir) {
		if b, err := os.ReadFile(p); err != nil || bytes.Contains(b, []byte(words)) {
			t.Errorf("%s holds the file in clear (%v)", p, err)
		}
	}
}
