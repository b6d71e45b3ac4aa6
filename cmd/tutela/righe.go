package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"tutela/internal/fault"
	"tutela/internal/i18n"
)

// maxRiga is the longest line that a command reads from standard input, in bytes.
const maxRiga = 1 << 20

var errRigaLunga = fault.New(fault.TooLarge, "La riga è più lunga di un megabyte.")

// perRiga answers a line each, in order; rispondi is given why a line cannot be read.
// Empty lines are passed over. A line with an error does not stop the others: the error
// at the end is then fault.Invalid. Any other error is of in or out.
func perRiga(comando string, in io.Reader, out io.Writer, rispondi func(riga []byte, err error) ([]byte, error)) error {
	r, w := bufio.NewReaderSize(in, 64<<10), bufio.NewWriter(out)
	righe, errate := 0, 0
	for {
		riga, err := leggiRiga(r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, errRigaLunga) {
			return errors.Join(fmt.Errorf("%s: read: %w", comando, err), w.Flush())
		}
		if riga = bytes.TrimSpace(riga); err == nil && len(riga) == 0 {
			continue
		}
		righe++
		risposta, err := rispondi(riga, err)
		if err != nil {
			errate++
		}
		_, _ = w.Write(risposta) // its error stays in w and comes back from Flush
		if r.Buffered() == 0 {
			if err := w.Flush(); err != nil { // who writes a line and waits gets the answer
				return fmt.Errorf("%s: write: %w", comando, err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("%s: write: %w", comando, err)
	}
	if errate > 0 {
		return fault.New(fault.Invalid, fmt.Sprintf("Con errori: %s su %s.", i18n.Plural(errate, "riga", "righe"), i18n.Number(righe)))
	}
	return nil
}

// leggiRiga gives the next line; io.EOF when there is none left. A line over
// maxRiga is read to its end and not kept: errRigaLunga.
func leggiRiga(r *bufio.Reader) ([]byte, error) {
	var riga []byte
	for n := 0; ; {
		pezzo, err := r.ReadSlice('\n')
		n += len(pezzo)
		if n <= maxRiga+len("\r\n") {
			riga = append(riga, pezzo...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || n == 0):
			return nil, err
		}
		if n > maxRiga+len("\r\n") || len(bytes.TrimRight(riga, "\r\n")) > maxRiga {
			return nil, errRigaLunga
		}
		return riga, nil
	}
}
