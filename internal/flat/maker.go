package flat

import (
	"context"
	"strings"
	"time"

	"tutela/internal/child"
	"tutela/internal/document"
	"tutela/internal/fault"
)

// How long the child may take: to start and to open a file, and for each page.
const (
	startLimit = 45 * time.Second
	pageLimit  = 5 * time.Second
)

// Maker has copies made in a child.
type Maker struct{ Child *child.Child }

// Warm has the child started, for who will soon need it: to open its first PDF takes
// it some seconds.
func (m Maker) Warm(ctx context.Context) {
	_, _ = m.Child.Do(ctx, startLimit, "warm", nil, nil, nil) // what fails will fail again, and be said
}

// Read gives the pages of a file, with the words of one or of All. A file of which
// no copy can be made is refused with what to do instead.
func (m Maker) Read(ctx context.Context, t document.Tipo, data []byte, page int) ([]Page, error) {
	var out []Page
	_, err := m.Child.Do(ctx, startLimit+pageLimit*10, "read", task{Type: t, Page: page}, data, &out)
	return out, err
}

// Picture draws a page as a JPEG made here: with areas framed and numbered, or,
// without numbers, as the copy will be.
func (m Maker) Picture(ctx context.Context, t document.Tipo, data []byte, page int, areas []Area, numbers []int) ([]byte, error) {
	return m.Child.Do(ctx, startLimit+pageLimit, "picture", task{Type: t, Page: page, Areas: [][]Area{areas}, Numbers: numbers}, data, nil)
}

// ErrUnproved is when a copy was made and could not be proved clean: it goes
// nowhere.
var ErrUnproved = fault.New(fault.Invalid, "La copia è stata fatta, ma il controllo non ha potuto dimostrare che è pulita: non si può mandare. Fanne una copia su carta, o descrivi alla struttura che cosa c'è.")

// Copy makes a PDF of pictures of a file's pages, with the areas of each painted
// over, and proves it: it is one of ours byte by byte, its pictures carry nothing
// besides, every area is black, no removed passage is in its bytes, and there is
// nothing in it to be read. One that fails is ErrUnproved.
func (m Maker) Copy(ctx context.Context, t document.Tipo, data []byte, areas [][]Area, removed []string) ([]byte, error) {
	limit := startLimit + time.Duration(len(areas))*pageLimit
	out, err := m.Child.Do(ctx, limit, "copy", task{Type: t, Areas: areas}, data, nil)
	if err != nil {
		return nil, err
	}
	var text string
	if _, err := m.Child.Do(ctx, limit, "prove", task{Areas: areas, Removed: removed}, out, &text); err != nil {
		if fault.Is(err, fault.Unavailable) {
			return nil, err
		}
		return nil, fault.Wrap(err, ErrUnproved.Kind, ErrUnproved.Message)
	}
	if strings.TrimSpace(text) != "" {
		return nil, ErrUnproved
	}
	return out, nil
}
