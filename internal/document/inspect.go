package document

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"tutela/internal/fault"
)

// What an office file may hold. A letter with photographs stays far below.
const (
	maxEntries  = 1000
	maxUnpacked = 100 << 20 // bytes of all entries
	maxRatio    = 100       // unpacked against packed, once past freeRatio
	freeRatio   = 10 << 20  // bytes unpacked, below which the ratio does not matter
)

// What the person reads; each refusal is a fault of its own, so that nobody adds
// a field to another's.
const (
	msgBroken = "Il file è rovinato o incompleto. Riaprilo, salvalo in PDF e mandalo di nuovo."
	msgBomb   = "Il file contiene troppi dati compressi. Salvalo in PDF e mandalo di nuovo."
	msgLocked = "Il file è protetto da una password. Toglila, oppure salvalo in PDF."
	msgMacro  = "Il file contiene una macro o un programma. Salvalo in PDF e mandalo di nuovo."
	msgNested = "Il file contiene altri file al suo interno. Salvalo in PDF e mandalo di nuovo."
	msgZip    = "Gli archivi compressi e questo formato di documento non si possono allegare." + accepted
	msgText   = "Questo file non contiene solo testo. Salvalo in PDF e mandalo di nuovo."
	msgSize   = "Il file supera i 20 MB. Riducilo, dividilo, oppure portalo allo sportello."
)

func refuse(message string) error { return fault.New(fault.Invalid, message) }

// Inspect tells the type of a whole file and refuses, as fault.Invalid or
// fault.TooLarge with what to do instead, one that may do harm: an office file
// that unpacks to far more than it is, holds other files, macros or programs,
// is locked or broken; a text with binary bytes in it.
func Inspect(data []byte) (Tipo, error) {
	if len(data) > MaxSize {
		return "", fault.New(fault.TooLarge, msgSize)
	}
	t, err := Sniff(data)
	switch {
	case err != nil:
		return "", err
	case t.office():
		return inspectZip(data)
	case t == TXT:
		_, err = new(textCheck).Write(data)
	}
	if err != nil {
		return "", err
	}
	return t, nil
}

// textCheck is written a text and refuses bytes that no text has. UTF-16, which
// is full of zero bytes, is known by its mark at the start.
type textCheck struct{ begun, wide bool }

func (c *textCheck) Write(b []byte) (int, error) {
	if !c.begun {
		c.wide = bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff})
		c.begun = true
	}
	if !c.wide {
		for _, x := range b {
			if x < ' ' && !(x >= '\t' && x <= '\r') && x != 0x1b || x == 0x7f {
				return 0, refuse(msgText)
			}
		}
	}
	return len(b), nil
}

func inspectZip(data []byte) (Tipo, error) {
	// Counted before the table is read, which takes memory for each entry.
	if bytes.Count(data, []byte("PK\x01\x02")) > maxEntries {
		return "", refuse(msgBomb)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) == 0 {
		return "", refuse(msgBroken)
	}
	if err := checkTable(z.File, uint64(len(data))); err != nil {
		return "", err
	}
	t, err := officeType(z)
	if err != nil {
		return "", err
	}
	for _, f := range z.File {
		if err := checkEntry(f); err != nil {
			return "", err
		}
	}
	return t, nil
}

// checkTable judges what the zip declares, before anything is unpacked.
func checkTable(files []*zip.File, packed uint64) error {
	seen, total := map[string]bool{}, uint64(0)
	for _, f := range files {
		name := strings.ToLower(f.Name)
		switch {
		case f.Flags&1 != 0:
			return refuse(msgLocked)
		case f.Method != zip.Store && f.Method != zip.Deflate, f.Mode()&fs.ModeSymlink != 0, seen[name], !plainPath(name):
			return refuse(msgBroken)
		case isMacro(name):
			return refuse(msgMacro)
		}
		seen[name] = true
		if f.UncompressedSize64 > maxUnpacked {
			return refuse(msgBomb)
		}
		if total += f.UncompressedSize64; total > maxUnpacked || total > freeRatio && total > maxRatio*packed {
			return refuse(msgBomb)
		}
	}
	return nil
}

func plainPath(name string) bool {
	return fs.ValidPath(strings.TrimSuffix(name, "/")) && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '\\' || r == ':' })
}

func isMacro(name string) bool {
	return strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "basic/") || strings.HasPrefix(name, "scripts/")
}

// officeType tells ODT and DOCX from other zips by the parts each must have.
func officeType(z *zip.Reader) (Tipo, error) {
	has := func(name string) bool {
		return slices.ContainsFunc(z.File, func(f *zip.File) bool { return f.Name == name })
	}
	switch {
	case z.File[0].Name == "mimetype" && has("content.xml"):
		media, err := readSmall(z.File[0])
		if err != nil {
			return "", err
		}
		if strings.TrimSpace(media) == kinds[ODT].media {
			return ODT, nil
		}
	case has("[Content_Types].xml") && has("word/document.xml"):
		i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == "[Content_Types].xml" })
		types, err := readSmall(z.File[i])
		if err != nil {
			return "", err
		}
		if strings.Contains(types, "macroEnabled") {
			return "", refuse(msgMacro)
		}
		return DOCX, nil
	}
	return "", refuse(msgZip)
}

func readSmall(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", refuse(msgBroken)
	}
	defer func() { _ = r.Close() }()
	b, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return "", refuse(msgBroken)
	}
	return string(b), nil
}

// foreign are the beginnings of files that an office file has no need to hold.
var foreign = []struct {
	magic, message string
}{
	{"MZ", msgMacro}, {"\x7fELF", msgMacro}, {"\xd0\xcf\x11\xe0", msgMacro}, {"#!", msgMacro},
	{"PK\x03\x04", msgNested}, {"PK\x05\x06", msgNested}, {"Rar!", msgNested}, {"7z\xbc\xaf", msgNested},
	{"BZh", msgNested}, {"\xfd7zXZ", msgNested}, {"\x1f\x8b", msgNested},
}

// checkEntry unpacks an entry to nowhere: it must be as long as declared, have
// its checksum, and not begin as a file of another kind.
func checkEntry(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return refuse(msgBroken)
	}
	defer func() { _ = r.Close() }()
	head := make([]byte, 8)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return refuse(msgBroken)
	}
	picture := strings.HasSuffix(f.Name, ".emz") || strings.HasSuffix(f.Name, ".wmz") // drawings are gzipped by design
	for _, x := range foreign {
		if bytes.HasPrefix(head[:n], []byte(x.magic)) && !(picture && x.magic == "\x1f\x8b") {
			return refuse(x.message)
		}
	}
	rest, err := io.Copy(io.Discard, io.LimitReader(r, int64(f.UncompressedSize64)+1-int64(n)))
	if uint64(n)+uint64(rest) > f.UncompressedSize64 {
		return refuse(msgBomb)
	}
	if err != nil || uint64(n)+uint64(rest) < f.UncompressedSize64 {
		return refuse(msgBroken)
	}
	return nil
}
