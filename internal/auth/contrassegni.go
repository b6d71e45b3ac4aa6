package auth

import "context"

const (
	liberiContrassegno = 5 // wrong passwords of one stamp
	liberiVerifica     = 60
)

// freniContrassegno are those of who verifies stamps: by the id, where a wrong password
// was said of it, and by the network. Its sign-ins have a brake of their own.
func (a *Auth) freniContrassegno(ente, id, rete string) []freno {
	giorno := a.chiaveFreni()
	var out []freno
	if id != "" {
		out = append(out, freno{digest(giorno, "contrassegno\x00"+ente+"\x00"+id), liberiContrassegno, smaltireNome, attesaNome})
	}
	if rete != "" {
		out = append(out, freno{digest(giorno, "verifica\x00"+ente+"\x00"+rete), liberiVerifica, smaltireRete, attesaNome})
	}
	return out
}

// Verifying counts one who asks for a stamp: fault.TooMany while the network is held.
func (a *Auth) Verifying(ctx context.Context, ente, rete string) error {
	return a.contaVerifica(ctx, a.freniContrassegno(ente, "", rete))
}

// WrongPassword counts a password that opened no document, whether there is such a
// stamp or not: fault.TooMany while the id or the network is held. Who has the right one
// never comes here.
func (a *Auth) WrongPassword(ctx context.Context, ente, id, rete string) error {
	return a.contaVerifica(ctx, a.freniContrassegno(ente, id, rete))
}

func (a *Auth) contaVerifica(ctx context.Context, freni []freno) error {
	a.verifiche.Lock()
	defer a.verifiche.Unlock()
	_, err := a.conta(ctx, freni)
	return err
}
