package child

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tutela/internal/fault"
)

// Bounds on what either side believes of the other.
const (
	maxHead = 16 << 20 // bytes: the words of a hundred pages, with their places
	maxBody = 64 << 20
)

// message is what goes through a pipe, either way: eight bytes say how long its
// head (JSON) and its body are.
type message struct {
	Work  string          `json:"work,omitempty"`
	Args  json.RawMessage `json:"args,omitempty"` // or the result
	Kind  fault.Kind      `json:"kind,omitempty"`
	Fault string          `json:"fault,omitempty"` // why it was not done, for a person
}

func write(w io.Writer, m message, body []byte) error {
	head, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	if len(head) > maxHead || len(body) > maxBody {
		return errors.New("message too long")
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	for _, x := range [][]byte{b, head, body} {
		if _, err := w.Write(x); err != nil {
			return err
		}
	}
	return nil
}

// read gives io.EOF only where a message could begin.
func read(r io.Reader) (m message, body []byte, err error) {
	var sizes [8]byte
	if _, err := io.ReadFull(r, sizes[:]); err != nil {
		return m, nil, err
	}
	h, b := binary.BigEndian.Uint32(sizes[:4]), binary.BigEndian.Uint32(sizes[4:])
	if h > maxHead || b > maxBody {
		return m, nil, errors.New("message too long")
	}
	head, err := take(r, h)
	if err != nil {
		return m, nil, err
	}
	if body, err = take(r, b); err != nil {
		return m, nil, err
	}
	if err := json.Unmarshal(head, &m); err != nil {
		return m, nil, fmt.Errorf("decode message: %w", err)
	}
	return m, body, nil
}

// take reads n bytes, and takes memory only for those that come.
func take(r io.Reader, n uint32) ([]byte, error) {
	var b bytes.Buffer
	_, err := io.CopyN(&b, r, int64(n))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}
