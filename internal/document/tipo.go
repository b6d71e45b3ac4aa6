// Package document takes in the files people send: it tells their type by
// content, refuses what may do harm, cleans their names, and keeps them
// encrypted. It never writes a file in clear, and never trusts a name or a
// declared type.
package document

import (
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"tutela/internal/fault"
)

// Tipo is a type of file that may be attached.
type Tipo string

// The types accepted, and no others.
const (
	PDF  Tipo = "pdf"
	JPG  Tipo = "jpg"
	PNG  Tipo = "png"
	HEIC Tipo = "heic"
	ODT  Tipo = "odt"
	DOCX Tipo = "docx"
	TXT  Tipo = "txt"
)

// The limits on what is attached to one message.
const (
	MaxSize  = 20 << 20 // bytes of a file
	MaxFiles = 10
	headSize = 3072 // bytes by which the type is told
)

const accepted = " Puoi mandare PDF, JPG, PNG, HEIC, ODT, DOCX o TXT."

var kinds = map[Tipo]struct {
	media string
	exts  []string // the first is given to a file whose name has another
}{
	PDF:  {"application/pdf", []string{".pdf"}},
	JPG:  {"image/jpeg", []string{".jpg", ".jpeg"}},
	PNG:  {"image/png", []string{".png"}},
	HEIC: {"image/heic", []string{".heic", ".heif"}},
	ODT:  {"application/vnd.oasis.opendocument.text", []string{".odt"}},
	DOCX: {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", []string{".docx"}},
	TXT:  {"text/plain", []string{".txt"}},
}

// Media is the type for a Content-Type header; a text names no character set,
// which only its author knows. An unknown type is application/octet-stream.
func (t Tipo) Media() string {
	if k, ok := kinds[t]; ok {
		return k.media
	}
	return "application/octet-stream"
}

// office reports whether the type is a zip inside, which has to be opened to be
// believed.
func (t Tipo) office() bool { return t == ODT || t == DOCX }

// Count refuses more than MaxFiles files in one message, as fault.TooLarge.
func Count(n int) error {
	if n > MaxFiles {
		return fault.New(fault.TooLarge, "Puoi allegare al massimo 10 file. Unisci le pagine in un solo PDF, oppure portale allo sportello.")
	}
	return nil
}

// Sniff tells the type of a file from its first bytes (3,072 are enough), or
// refuses it as fault.Invalid with what to do instead. A zip that is not plainly
// something else is given as ODT or DOCX: only Inspect proves which, and whether
// it may be kept.
func Sniff(head []byte) (Tipo, error) {
	if len(head) == 0 {
		return "", refuse("Il file è vuoto. Controlla di aver scelto quello giusto.")
	}
	head = head[:min(len(head), headSize)]
	m := mimetype.Detect(head)
	switch {
	case m.Is("application/pdf"):
		return PDF, nil
	case m.Is("image/jpeg"):
		return JPG, nil
	case m.Is("image/png"):
		return PNG, nil
	case m.Is("image/heic"), m.Is("image/heif"):
		return HEIC, nil
	case m.Is("application/vnd.oasis.opendocument.text"):
		return ODT, nil
	case m.Is("application/zip"), m.Is(kinds[DOCX].media):
		return DOCX, nil
	case m.Is("text/plain"), m.Is("text/csv"), m.Is("text/tab-separated-values"):
		return TXT, nil
	}
	return "", refusal(m)
}

// families say to what sort of refused file a media type belongs. The first that
// fits counts; an entry that ends in * is a beginning.
var families = []struct {
	message string
	media   []string
}{
	{"Questo file è un programma: non possiamo accettarlo.", []string{
		"application/vnd.microsoft.portable-executable", "application/x-executable", "application/x-elf", "application/x-object",
		"application/x-sharedlib", "application/x-coredump", "application/x-mach-binary", "application/x-java-applet",
		"application/wasm", "application/x-ms-installer", "application/java-archive", "application/vnd.android.package-archive",
		"application/x-ms-shortcut", "application/vnd.debian.binary-package", "application/x-rpm", "application/x-archive",
		"application/x-bytecode.python", "application/x-chrome-extension", "application/x-shockwave-flash",
		"text/javascript", "text/x-*"}},
	{"Le pagine web e i disegni SVG non si possono allegare: salvali in PDF.", []string{
		"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"}},
	{"I messaggi di posta non si possono allegare: salvali in PDF.", []string{
		"application/vnd.ms-outlook", "message/rfc822"}},
	{"Questo formato di documento non si può allegare: salvalo in PDF.", []string{
		"application/x-ole-storage", "application/msword", "application/vnd.ms-*", "application/vnd.openxmlformats-officedocument.*",
		"application/vnd.oasis.opendocument.*", "text/rtf", "application/epub+zip", "application/postscript"}},
	{"Gli archivi compressi non si possono allegare: manda i file uno per uno.", []string{
		"application/zip", "application/x-7z-compressed", "application/x-rar-compressed", "application/gzip", "application/x-tar",
		"application/x-bzip2", "application/x-xz", "application/zstd", "application/lzip", "application/vnd.ms-cab-compressed",
		"application/x-installshield", "application/x-cpio", "application/x-xar", "application/zlib"}},
	{"Audio e video non si possono allegare: raccontaci a parole che cosa contengono.", []string{
		"audio/*", "video/*", "application/ogg", "application/vnd.rn-realmedia-vbr"}},
	{"Questo tipo di immagine non si può allegare: salvala in JPG o PNG.", []string{"image/*"}},
}

func refusal(m *mimetype.MIME) error {
	for _, f := range families {
		for _, media := range f.media {
			for up := m; up != nil; up = up.Parent() {
				if up.Is(media) || strings.HasSuffix(media, "*") && strings.HasPrefix(up.String(), strings.TrimSuffix(media, "*")) {
					return refuse(f.message + accepted)
				}
			}
		}
	}
	return refuse("Questo tipo di file non si può allegare." + accepted)
}
