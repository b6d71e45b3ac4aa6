package web

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
)

// sigilla makes of a value the text with which a page or a cookie carries it: only
// the server opens it, and only as what contesto names.
func (s *Server) sigilla(contesto string, v any) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		panic("web: a value that does not encode: " + err.Error())
	}
	_ = z.Close() // a buffer takes all
	return base64.RawURLEncoding.EncodeToString(s.Anello.Seal(contesto, b.Bytes()))
}

// apriSigillo reads into v what sigilla sealed as the same; false for anything else.
func (s *Server) apriSigillo(contesto, sigillo string, v any) bool {
	b, err := base64.RawURLEncoding.DecodeString(sigillo)
	if err != nil {
		return false
	}
	if b, err = s.Anello.Open(contesto, b); err != nil {
		return false
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	return err == nil && json.NewDecoder(z).Decode(v) == nil
}
