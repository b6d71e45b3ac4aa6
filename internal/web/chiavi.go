package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tutela/internal/access"
	"tutela/internal/auth"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
	"tutela/internal/vault"
)

// rotteChiavi are the pages on which the members of the UPT keep its keys.
func (s *Server) rotteChiavi() []rotta {
	if s.Auth == nil || s.Viste == nil || s.Custody == nil {
		return nil
	}
	chi := custody.Ruoli()
	return []rotta{
		{"GET", "/chiavi", chi, s.chiavi},
		{"GET", "/chiavi/frase", chi, s.paginaFrase},
		{"POST", "/chiavi/frase", chi, conModulo(s.salvaFrase)},
		{"GET", "/chiavi/sblocca", chi, s.paginaSblocca},
		{"POST", "/chiavi/sblocca", chi, conModulo(s.sbloccaChiave)},
		{"GET", "/chiavi/dimenticata", chi, s.paginaDimenticata},
		{"POST", "/chiavi/dimenticata", chi, conModulo(s.conFoglioMio)},
		{"POST", "/chiavi/foglio", chi, conSblocco(s.foglioMio)},
		{"GET", "/chiavi/passkey", chi, s.paginaPasskeyChiave},
		{"POST", "/chiavi/passkey", chi, conSblocco(s.passkeyChiave)},
		{"POST", "/chiavi/slot", chi, conSblocco(s.togliSlot)},
		{"GET", "/chiavi/furto", chi, s.paginaFurto},
		{"POST", "/chiavi/furto", chi, conSblocco(s.furto)},
		{"POST", "/chiavi/blocca", chi, s.bloccaChiave},
		{"POST", "/chiavi/prima", chi, conSblocco(s.ricordaPrima)},
		{"GET", "/chiavi/fonda", chi, s.paginaFonda},
		{"POST", "/chiavi/fonda", chi, conSblocco(s.fonda)},
		{"POST", "/chiavi/ammetti", chi, conSblocco(s.ammetti)},
		{"GET", "/chiavi/togli/{id}", chi, s.paginaTogli},
		{"POST", "/chiavi/togli/{id}", chi, conSblocco(s.togliMembro)},
		{"GET", "/chiavi/fogli", chi, s.paginaFogli},
		{"POST", "/chiavi/fogli", chi, conSblocco(s.nuoviFogli)},
		{"GET", "/chiavi/recupera", chi, s.paginaRecupera},
		{"POST", "/chiavi/recupera", chi, conSblocco(s.recupera)},
	}
}

// conSblocco is conModulo for what wants an unlocked key: asked before the form is
// read, so that the form waits.
func conSblocco(fa modifica) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if sessioneDi(r).Membro() == nil {
			return custody.ErrChiuso
		}
		return conModulo(fa)(w, r)
	}
}

const comparto = pratica.CompartimentoUPT

// apreComparti opens, for this request, what the session of somebody of the UPT has
// unlocked. The pages of the keys themselves open what they need.
func (s *Server) apreComparti(r *http.Request) error {
	se := sessioneDi(r)
	if s.Custody == nil || !se.Ha(custody.Ruoli()...) || se.Membro() == nil || strings.Contains(r.Pattern, " /chiavi") {
		return nil
	}
	sb, err := s.Custody.Sbloccati(r.Context(), se, comparto)
	switch {
	case errors.Is(err, custody.ErrChiuso) || errors.Is(err, custody.ErrRicordo): // the page that needs it says so
		return nil
	case err != nil:
		return err
	}
	se.Aperti = sb
	return nil
}

// daAprire is what somebody of the UPT still has to do before its cases open: unlock
// their key, or be admitted with it.
func daAprire(se *auth.Sessione) error {
	if se.Membro() == nil {
		return custody.ErrChiuso
	}
	return custody.ErrRicordo
}

// rigaMembro is somebody of the roll.
type rigaMembro struct {
	ID, Nome, Posto, Impronta string
	Nuova                     bool // has another key since, not admitted yet
	Io                        bool
}

// rigaChiave is something that was done to the keys.
type rigaChiave struct{ Quando, Frase, Chi, Impronta string }

// The steps of a newcomer, each with its page.
const (
	passoCrea   = "crea"   // no key of their own yet
	passoFonda  = "fonda"  // the office has none
	passoEntra  = "entra"  // waits to be admitted
	passoPrima  = "prima"  // has to type the id of the founding key
	passoMembro = "membro" // is in
)

type paginaChiavi struct {
	Scrivania
	Passo     string
	Mia       string // the id of one's own key, in groups
	Slot      []rigaSlot
	HaFoglio  bool
	HaPasskey bool // that could open one's own key, from this address
	Capo      bool
	Prima     string
	Ultima    string
	Versione  int
	Albo      []rigaMembro
	DaAmmette []opzione
	Persona   string // chosen in the form
	ID        string
	Posto     string // what they will read; empty: not chosen yet
	Scritta   string // of the founding key's id
	Serie, K  int
	Custodi   []string
	Storia    []rigaChiave
	Fatto     string
	Errori    erroriAdm
}

var fattoChiavi = map[string]string{"frase": "La frase è salvata. Con quella di prima non si apre più niente.", "creata": "La tua chiave è pronta e sbloccata.",
	"ammessa": "Ammissione fatta. Ora la persona scrive, dalla sua sessione, l'impronta della prima chiave.", "tolta": "Fatto: quello che arriva da ora non può leggerlo, e quello che gli era affidato è finito.",
	"prima": "Fatto: da ora il programma ti avvisa se qualcuno cambia le chiavi.", "passkey": "Fatto: da ora sblocchi anche con la passkey.",
	"slot": "È tolto: non apre più la tua chiave.", "furto": "La tua chiave è cambiata. Quella di prima non legge niente di quello che arriva da ora."}

// chiavi is the page of the office's keys, as far as who asks has come.
func (s *Server) chiavi(w http.ResponseWriter, r *http.Request) error {
	return s.mostraChiavi(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraChiavi(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	ctx, se := r.Context(), sessioneDi(r)
	p := &paginaChiavi{Capo: se.Ha(access.UPT), Errori: errori, Fatto: fattoChiavi[r.URL.Query().Get("fatto")],
		Persona: v.Get("persona"), ID: v.Get("impronta"), Posto: v.Get("posto"), Scritta: v.Get("prima")}
	titolo := "Chiavi dell'ufficio"
	if len(errori) > 0 {
		titolo = "Errore: chiavi dell'ufficio"
	}
	k, err := s.Auth.Key(ctx, se)
	if err != nil {
		return err
	}
	a, err := s.Custody.Look(ctx, s.EnteID, comparto)
	if err != nil {
		return err
	}
	p.Mia, p.Versione = vault.Gruppi(k.ID), a.Versione
	switch {
	case !k.Frase:
		p.Passo = passoCrea
	case !k.Aperta:
		return custody.ErrChiuso
	case !a.Fondata:
		p.Passo = passoFonda
	default:
		ammesso, ricorda, err := s.Custody.Where(ctx, se, comparto)
		if err != nil {
			return err
		}
		switch {
		case !ammesso:
			p.Passo = passoEntra
		case !ricorda:
			p.Passo = passoPrima
		default:
			p.Passo = passoMembro
			if err := s.riempiChiavi(r, p); err != nil {
				return err
			}
		}
	}
	if k.Aperta {
		if err := s.riempiSlot(r, p); err != nil {
			return err
		}
	}
	if p.Scrivania, _, err = s.scrivania(r, titolo, "chiavi"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "desk_chiavi.html", p)
}

// riempiChiavi is what a member sees.
func (s *Server) riempiChiavi(r *http.Request, p *paginaChiavi) error {
	ctx, se := r.Context(), sessioneDi(r)
	u, err := s.Custody.Open(ctx, se, comparto)
	if err != nil {
		return err
	}
	p.Prima, p.Ultima = vault.Gruppi(u.Aspetto.Prima), vault.Gruppi(u.Ultima)
	riga := func(m vault.Membro, posto string) {
		key, err := vault.ParsePublicKey(m.Pubblica)
		if err != nil {
			return // Unlock has read it
		}
		p.Albo = append(p.Albo, rigaMembro{ID: m.Persona, Nome: s.nomePersona(ctx, m.Persona), Posto: posto, Impronta: vault.Gruppi(key.ID()),
			Nuova: slices.Contains(u.Nuove, m.Persona), Io: m.Persona == se.Persona})
	}
	for _, m := range u.Albo.Lettori {
		riga(m, "Membro")
	}
	for _, m := range u.Albo.Assistenti {
		riga(m, "Assistente")
	}
	colleghi, err := s.Auth.Holders(ctx, s.EnteID, custody.Ruoli()...)
	if err != nil {
		return err
	}
	for _, c := range colleghi {
		haChiave := slices.ContainsFunc(u.Membri, func(m vault.Membro) bool { return m.Persona == c.ID })
		dentro := slices.ContainsFunc(p.Albo, func(x rigaMembro) bool { return x.ID == c.ID && x.Posto == "Membro" && !x.Nuova })
		if haChiave && !dentro {
			p.DaAmmette = append(p.DaAmmette, opzione{c.ID, c.Nome})
		}
	}
	q := u.Albo.Quorum
	p.Serie, p.K = q.Serie, q.K
	for i, c := range q.Custodi {
		testo := strconv.Itoa(i+1) + ". " + c.Nome.Valore()
		if c.Interno {
			testo += " (lavora per l'ente)"
		}
		p.Custodi = append(p.Custodi, testo)
	}
	p.Storia, err = s.storiaChiavi(r)
	return err
}

var frasiChiavi = map[custody.Cosa]string{custody.Fondazione: "Create le chiavi dell'ufficio", custody.Ricordo: "Scritta l'impronta della prima chiave",
	custody.Ingresso: "Ammissione", custody.Uscita: "Uscita", custody.Rientro: "Ammissione con un'altra chiave", custody.Fogli: "Nuovi fogli di recupero",
	custody.Recupero: "Recupero con i fogli", custody.Furto: "Cambiata la propria chiave", custody.Allarme: "Allarme"}

func (s *Server) storiaChiavi(r *http.Request) (out []rigaChiave, err error) {
	atti, err := s.Custody.Acts(r.Context(), s.EnteID, comparto)
	if err != nil {
		return nil, err
	}
	for _, a := range atti {
		if a.Impronta != ([32]byte{}) && !a.Fatto {
			continue // announced and never done
		}
		x := rigaChiave{Quando: istante(a.Il), Frase: frasiChiavi[a.Cosa], Chi: s.nomePersona(r.Context(), a.Chi), Impronta: vault.Gruppi(a.Chiave)}
		if a.Persona != "" {
			x.Frase += ": " + s.nomePersona(r.Context(), a.Persona)
		}
		if a.Nota != "" {
			x.Frase += ": " + a.Nota
		}
		out = append(out, x)
	}
	return out, nil
}

// ricordaPrima takes the id of the founding key from a newcomer.
func (s *Server) ricordaPrima(w http.ResponseWriter, r *http.Request, v url.Values) error {
	err := s.Custody.Pin(r.Context(), sessioneDi(r), comparto, v.Get("prima"))
	if e, stato, ok := erroriDi(err, "prima"); ok {
		return s.mostraChiavi(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/chiavi", "prima")
}

// ammetti lets a person in, or in again with the key they have now.
func (s *Server) ammetti(w http.ResponseWriter, r *http.Request, v url.Values) error {
	ctx, se := r.Context(), sessioneDi(r)
	u, err := s.Custody.Open(ctx, se, comparto)
	if err != nil {
		return err
	}
	persona, assistente := v.Get("persona"), v.Get("posto") == "assistente"
	var errori []erroreCampo
	if persona == "" {
		errori = append(errori, erroreCampo{"persona", "Scegli chi entra."})
	}
	if !assistente && v.Get("posto") != "membro" { // nobody reads everything for want of a choice
		errori = append(errori, erroreCampo{"posto-membro", "Scegli che cosa leggerà."})
	}
	if _, err := vault.ParseKeyID(v.Get("impronta")); err != nil {
		errori = append(errori, erroreCampo{"impronta", fault.Message(err)})
	}
	if len(errori) > 0 {
		return s.mostraChiavi(w, r, http.StatusUnprocessableEntity, v, errori)
	}
	if _, dentro := u.Albo.Di(persona); dentro {
		_, err = s.Custody.Renew(ctx, se, comparto, custody.Cambio{Entra: persona, ID: v.Get("impronta"), Assistente: assistente})
	} else {
		err = s.Custody.Admit(ctx, se, comparto, persona, v.Get("impronta"), assistente)
	}
	if e, stato, ok := erroriDi(err); ok {
		return s.mostraChiavi(w, r, stato, v, []erroreCampo{{"impronta", e[0].Frase}})
	}
	if err != nil {
		return err
	}
	return vaiA(w, r, "/chiavi", "ammessa")
}

type paginaTogli struct {
	Scrivania
	ID, Nome string
	Affidate string        // how many cases he is given to read; empty: none
	Quorum   *moduloQuorum // when who leaves has, or has seen, a sheet
	Errori   erroriAdm
}

func (s *Server) paginaTogli(w http.ResponseWriter, r *http.Request) error {
	return s.mostraTogli(w, r, http.StatusOK, nil, nil)
}

func (s *Server) mostraTogli(w http.ResponseWriter, r *http.Request, stato int, v url.Values, errori []erroreCampo) error {
	u, err := s.Custody.Open(r.Context(), sessioneDi(r), comparto)
	if err != nil {
		return err
	}
	p := &paginaTogli{ID: r.PathValue("id"), Nome: s.nomePersona(r.Context(), r.PathValue("id")), Errori: errori}
	if _, dentro := u.Albo.Di(p.ID); !dentro {
		return fault.New(fault.NotFound, "Questa persona non è nell'albo.")
	}
	chi := sessioneDi(r).Chi
	if chi.Aperti, err = s.Custody.Sbloccati(r.Context(), sessioneDi(r), comparto); err != nil {
		return err
	}
	if n, err := s.Servizio.AffidateA(r.Context(), chi, p.ID); err != nil {
		return err
	} else if n > 0 {
		p.Affidate = i18n.Plural(n, "pratica", "pratiche")
	}
	q := u.Albo.Quorum
	if q.Stampata == p.ID || slices.ContainsFunc(q.Custodi, func(c vault.Custode) bool { return c.Persona == p.ID }) {
		if p.Quorum, err = s.moduloQuorum(r, v); err != nil {
			return err
		}
		p.Quorum.Errori = errori
	}
	if p.Scrivania, _, err = s.scrivania(r, errorePrima("Togli dall'ufficio", errori), "chiavi"); err != nil {
		return err
	}
	return s.rendi(w, r, stato, "desk_chiavi_togli.html", p)
}

// errorePrima is a page's title, which says so first when something is wrong.
func errorePrima(titolo string, errori []erroreCampo) string {
	if len(errori) > 0 {
		return "Errore: " + strings.ToLower(titolo[:1]) + titolo[1:]
	}
	return titolo
}

func (s *Server) togliMembro(w http.ResponseWriter, r *http.Request, v url.Values) error {
	x := custody.Cambio{Tolti: []string{r.PathValue("id")}}
	if v.Has("k") {
		q, errori := leggiQuorum(v)
		if len(errori) > 0 {
			return s.mostraTogli(w, r, http.StatusUnprocessableEntity, v, errori)
		}
		x.Quorum = &q
	}
	fogli, err := s.Custody.Renew(r.Context(), sessioneDi(r), comparto, x)
	if e, stato, ok := erroriDi(err); ok {
		return s.mostraTogli(w, r, stato, v, e)
	}
	if err != nil {
		return err
	}
	if len(fogli) > 0 {
		return s.stampaFogli(w, r, fogli, x.Quorum.K, false)
	}
	return vaiA(w, r, "/chiavi", "tolta")
}

type paginaAllarme struct {
	Soglia
	Motivo string
}

// sbarra answers what keeps an office shut, for the door: true when it did. An alarm
// has a page of its own, with nothing to write on it.
func (s *Server) sbarra(w http.ResponseWriter, r *http.Request, err error) (bool, error) {
	var a *vault.Allarme
	switch {
	case errors.As(err, &a):
		s.Log.Error("the keys of a compartment do not fit", "route", r.Pattern)
		return true, s.rendi(w, r, http.StatusForbidden, "desk_allarme.html", &paginaAllarme{s.soglia("Allarme: le chiavi non sono le vostre"), a.Motivo})
	case errors.Is(err, custody.ErrRicordo):
		http.Redirect(w, r, "/chiavi", http.StatusSeeOther)
		return true, nil
	case errors.Is(err, custody.ErrChiuso):
		return true, s.chiediSblocco(w, r)
	}
	return false, nil
}

// chiaviVerso is where who has just unlocked goes on: an office that raises an alarm
// says so before anything else.
func (s *Server) chiaviVerso(r *http.Request, se *auth.Sessione, poi string) (string, error) {
	ammesso, ricorda, err := s.Custody.Where(r.Context(), se, comparto)
	switch {
	case err != nil || ammesso:
	case strings.HasPrefix(poi, "/affidate"): // an assistant
		return poi, nil
	case poi == "/upt" || poi == "/lavoro": // where others of the office begin
		return "/affidate", nil
	}
	if err != nil || !ammesso || !ricorda {
		return "/chiavi", err
	}
	_, err = s.Custody.Open(r.Context(), se, comparto)
	return poi, err
}
