package auth

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"math/bits"
	"net/netip"
	"time"

	"tutela/internal/day"
	"tutela/internal/fault"
)

// freno slows down one key: a name, a network, a second factor. Every attempt adds
// a debt that time pays off; past some free attempts each further one doubles the
// wait, up to its most. Nobody is ever locked out, and an attacker who keeps trying
// gets one attempt a minute at most for a name. Who has the password and tries
// codes gets six an hour, and the person is told.
type freno struct {
	chiave  []byte
	liberi  int           // attempts before the first wait
	smaltir time.Duration // in which one attempt is forgotten
	massima time.Duration // wait at most
}

const (
	attesaNome    = time.Minute
	liberiNome    = 3
	smaltireNome  = 10 * time.Minute
	liberiRete    = 30 // a whole hospital may come from one network
	smaltireRete  = 10 * time.Second
	attesaFattore = 10 * time.Minute
	liberiFattore = 5
	bitReteIPv4   = 24
	bitRetePerIP6 = 56
)

// Rete is the network of a client's address, as SignIn wants it: the first 24
// bits, or 56 in IPv6. It is kept only under a key that changes every day.
func Rete(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	bit := bitRetePerIP6
	if ip.Is4() {
		bit = bitReteIPv4
	}
	return netip.PrefixFrom(ip, bit).Masked().String()
}

// freni are the brakes of an attempt. Their keys tell nothing: they are digests
// under a key of the server and of the day.
func (a *Auth) freni(ente, utente, rete string) []freno {
	giorno := a.chiaveFreni()
	return conRete(giorno, rete, freno{digest(giorno, "utente\x00"+ente+"\x00"+utente), liberiNome, smaltireNome, attesaNome})
}

// freniFattore are those of a second factor: a right password does not loosen them.
func (a *Auth) freniFattore(ente, persona, rete string) []freno {
	giorno := a.chiaveFreni()
	return conRete(giorno, rete, freno{digest(giorno, "fattore\x00"+ente+"\x00"+persona), liberiFattore, smaltireNome, attesaFattore})
}

// freniFrase are those of a passphrase, whose 73 bits nobody guesses: they spare the
// machine.
func (a *Auth) freniFrase(ente, persona, rete string) []freno {
	giorno := a.chiaveFreni()
	return conRete(giorno, rete, freno{digest(giorno, "frase\x00"+ente+"\x00"+persona), liberiFattore, smaltireNome, attesaNome})
}

// chiaveFreni is the key of the day.
func (a *Auth) chiaveFreni() []byte { return digest(a.ring.Derive("freni"), day.In(a.now()).String()) }

func conRete(giorno []byte, rete string, f ...freno) []freno {
	if rete != "" {
		f = append(f, freno{digest(giorno, "rete\x00"+rete), liberiRete, smaltireRete, attesaNome})
	}
	return f
}

func digest(chiave []byte, s string) []byte {
	h := hmac.New(sha256.New, chiave)
	h.Write([]byte(s))
	return h.Sum(nil)
}

// raddoppi is how often a wait of a second doubles before it is the longest.
func (f freno) raddoppi() int { return bits.Len64(uint64(f.massima / time.Second)) }

// attesa is the wait after an attempt that left this debt.
func (f freno) attesa(debito time.Duration) time.Duration {
	k := f.quanti(debito) - f.liberi
	switch {
	case k < 0:
		return 0
	case k >= f.raddoppi():
		return f.massima
	}
	return time.Second << k
}

// quanti are the attempts that make that debt.
func (f freno) quanti(debito time.Duration) int { return int((debito + f.smaltir/2) / f.smaltir) }

// volte are the attempts that a stored brake counts.
func (f freno) volte(t Tentativo) int { return f.quanti(time.Duration(t.Debito) * time.Millisecond) }

// resta is the debt that is left now: the stored one, less the time passed since
// the attempt that made it.
func (f freno) resta(t Tentativo, now time.Time) time.Duration {
	debito := time.Duration(t.Debito) * time.Millisecond
	quando := t.Fino.Add(-f.attesa(debito))
	return max(0, debito-max(0, now.Sub(quando)))
}

// conDebito is the brake as it is stored after an attempt at now.
func (f freno) conDebito(debito time.Duration, now time.Time) Tentativo {
	debito = min(max(0, debito), time.Duration(f.liberi+f.raddoppi()+1)*f.smaltir)
	return Tentativo{Chiave: f.chiave, Debito: debito.Milliseconds(), Fino: now.Add(f.attesa(debito))}
}

// leggiFreni reads the brakes, in their order, and refuses while one holds.
func (a *Auth) leggiFreni(ctx context.Context, freni []freno) ([]Tentativo, error) {
	var chiavi [][]byte
	for _, f := range freni {
		chiavi = append(chiavi, f.chiave)
	}
	letti, err := a.archivio.Tentativi(ctx, chiavi)
	if err != nil {
		return nil, err
	}
	now := a.now()
	out := make([]Tentativo, len(freni))
	for i, f := range freni {
		for _, t := range letti {
			if bytes.Equal(t.Chiave, f.chiave) {
				out[i] = t
			}
		}
		// A longer wait than the longest can only come of a clock that was set back.
		if s := out[i].Fino.Sub(now); s > 0 && s <= f.massima {
			return nil, fault.New(fault.TooMany, "Troppi tentativi. "+aspetta(s))
		}
	}
	return out, nil
}

func aspetta(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	if s > 90 {
		return fmt.Sprintf("Aspetta %d minuti e riprova.", (s+59)/60)
	}
	if s == 1 {
		return "Aspetta un secondo e riprova."
	}
	return fmt.Sprintf("Aspetta %d secondi e riprova.", s)
}

// conta adds an attempt to each brake, before it is known how it ends. The caller
// holds the turn, so on this node attempts cannot overtake their own count.
func (a *Auth) conta(ctx context.Context, freni []freno) ([]Tentativo, error) {
	letti, err := a.leggiFreni(ctx, freni)
	if err != nil {
		return nil, err
	}
	return a.riscrivi(ctx, freni, letti, 1)
}

// sconta forgets what was tried by a name that signed in, and the one attempt of
// its network: others there may still be guessing.
func (a *Auth) sconta(ctx context.Context, freni []freno) error {
	if err := a.archivio.SalvaTentativi(ctx, []Tentativo{{Chiave: freni[0].chiave}}); err != nil {
		return err
	}
	if len(freni) == 1 {
		return nil
	}
	var chiavi [][]byte
	for _, f := range freni[1:] {
		chiavi = append(chiavi, f.chiave)
	}
	letti, err := a.archivio.Tentativi(ctx, chiavi)
	if err != nil {
		return err
	}
	if len(letti) != len(freni)-1 {
		return nil // swept meanwhile
	}
	_, err = a.riscrivi(ctx, freni[1:], letti, -1)
	return err
}

func (a *Auth) riscrivi(ctx context.Context, freni []freno, letti []Tentativo, di int) ([]Tentativo, error) {
	now := a.now()
	out := make([]Tentativo, len(freni))
	for i, f := range freni {
		out[i] = f.conDebito(f.resta(letti[i], now)+time.Duration(di)*f.smaltir, now)
	}
	return out, a.archivio.SalvaTentativi(ctx, out)
}
