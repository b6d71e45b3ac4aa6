package web

import (
	"net/http"
	"net/url"

	"tutela/internal/access"
	"tutela/internal/custody"
	"tutela/internal/fault"
	"tutela/internal/i18n"
	"tutela/internal/pratica"
)

// codaDaFare is how the view "Da fare" is called where a queue is named.
const codaDaFare = "da-fare"

// vistaDi is the view that a queue stands for.
func vistaDi(coda string) string {
	if coda == codaDaFare {
		return vistaDaFare
	}
	return coda
}

// codaNota is the queue, empty when there is no such one.
func codaNota(amb *pratica.Ambiente, coda string) string {
	if !vistaNota(amb, vistaDi(coda)) {
		return ""
	}
	return coda
}

// codaDi is the queue of a view; a list that is nobody's queue has none.
func codaDi(vista string) string {
	switch vista {
	case vistaDaFare:
		return codaDaFare
	case vistaTutte, vistaSospese, vistaScadenze:
		return ""
	}
	return vista
}

// scrivania is the frame of a staff page: who is there, the views with their
// counts, the saved filters. qui is the view, or the address, of the page shown.
func (s *Server) scrivania(r *http.Request, titolo, qui string) (Scrivania, pratica.Conteggi, error) {
	se := sessioneDi(r)
	amb := s.Servizio.Ambiente(s.EnteID)
	b := Scrivania{Titolo: titolo, Io: se.Nome, Iniziali: iniziali(se.Nome), Nuova: puoRegistrare(amb, se.Chi), UPT: soloUPT(se.Chi)}
	if amb == nil {
		return b, pratica.Conteggi{}, fault.New(fault.Unavailable, "Il servizio non è ancora pronto. Riprova tra poco.")
	}
	if len(se.Incarichi) > 0 {
		b.Ufficio = nomeUfficio(amb, access.Ufficio(se.Incarichi[0].Ruolo, se.Incarichi[0].Unita))
	}
	conti, err := s.Servizio.Arch.Conteggi(r.Context(), se.Chi, s.Servizio.Oggi())
	if err != nil {
		return b, conti, err
	}
	vista := func(v, icona string, n int) VoceMenu {
		return VoceMenu{Testo: s.titoloVista(v), Icona: icona, Link: filtroLista{Vista: v}.link(), N: conta(n), Qui: qui == codaDi(v) && codaDi(v) != "" || qui == "vista:"+v}
	}
	if b.Nuova {
		voci := []VoceMenu{vista(vistaDaFare, "inbox", conti.DaFare)}
		for _, g := range gruppiDi(amb.Regolamento, se.Chi) {
			voci = append(voci, vista(g, nonVuota(nomiGruppi[g].Icona, "files"), conti.Gruppi[g]))
		}
		b.Menu = append(b.Menu, SezioneMenu{"Il mio lavoro", voci})
		b.Menu = append(b.Menu, SezioneMenu{"Ufficio", []VoceMenu{
			{Testo: "Nuova segnalazione", Icona: "plus", Link: "/nuova", Qui: qui == "/nuova"},
			vista(vistaSospese, "clock", 0), vista(vistaScadenze, "calendar", 0), vista(vistaTutte, "list", 0)}})
	}
	if b.viste, err = s.Viste.Viste(r.Context(), s.EnteID, se.Persona); err != nil {
		return b, conti, err
	}
	var salvate []VoceMenu
	for _, v := range b.viste {
		q, err := url.ParseQuery(v.Filtro)
		if err != nil {
			continue
		}
		l := leggiFiltro(q).link()
		salvate = append(salvate, VoceMenu{Testo: v.Nome, Icona: "bookmark", Link: l, Qui: r.URL.RequestURI() == l})
	}
	if len(salvate) > 0 {
		b.Menu = append(b.Menu, SezioneMenu{"Filtri salvati", salvate})
	}
	if s.Custody != nil && se.Ha(custody.Ruoli()...) {
		b.Menu = append(b.Menu, SezioneMenu{"Pubblica tutela", menuUPT(amb, se.Chi, conti, qui)})
	}
	if se.Ha(access.Commissione) {
		b.Menu = append(b.Menu, SezioneMenu{"Commissione", []VoceMenu{{Testo: "Sedute", Icona: "calendar", Link: "/sedute", Qui: qui == "sedute"}}})
	}
	var tenute []VoceMenu
	if se.Ha(leggonoRegistro...) {
		tenute = append(tenute, VoceMenu{Testo: "Registro", Icona: "list", Link: "/registrazioni", Qui: qui == "registrazioni"})
	}
	if se.Ha(leggonoGiornalieri...) {
		tenute = append(tenute, VoceMenu{Testo: "Registri giornalieri", Icona: "calendar", Link: "/registrazioni/giornalieri", Qui: qui == "registrazioni/giornalieri"})
	}
	switch {
	case pratica.MayScarto(se.Chi, pratica.RegistroURP):
		tenute = append(tenute, VoceMenu{Testo: "Archivio", Icona: "files", Link: "/archivio", Qui: qui == "archivio"})
	case pratica.MayArchive(se.Chi, pratica.RegistroURP): // keeps files, and decides the end of none
		tenute = append(tenute, VoceMenu{Testo: "Archivio", Icona: "files", Link: "/archivio/registro", Qui: qui == "archivio"})
	}
	if len(tenute) > 0 {
		b.Menu = append(b.Menu, SezioneMenu{"Conservazione", tenute})
	}
	if se.Ha(access.DPO) {
		b.Menu = append(b.Menu, SezioneMenu{"Dati personali", []VoceMenu{{Testo: "Chi ha letto i dati", Icona: "search", Link: "/accessi", Qui: qui == "accessi"}}})
	}
	if se.Ha(access.Amministratore) {
		b.Menu = append(b.Menu, SezioneMenu{"Programma", []VoceMenu{{Testo: "Amministrazione", Icona: "settings", Link: "/amministrazione", Qui: qui == "amministrazione"}}})
	}
	return b, conti, nil
}

// altrove is where somebody begins for whom nothing waits at the desk; empty for who
// finds his work there.
func (s *Server) altrove(amb *pratica.Ambiente, chi access.Chi) string {
	switch {
	case amb != nil && chi.Ha(access.Amministratore) && !puoRegistrare(amb, chi):
		return "/amministrazione"
	case soloUPT(chi) && s.Custody != nil && soloAffidate(chi):
		return "/affidate"
	case soloUPT(chi) && s.Custody != nil:
		return "/upt"
	case soloCommissione(chi):
		return "/sedute"
	case amb != nil && chi.Ha(access.DPO) && len(chi.Uffici) == 1:
		return "/accessi"
	}
	return ""
}

// soloAffidate reports whether the key of who asks is open, and opens no case of the
// UPT but those given to them alone: of an assistant, or of who waits to be admitted.
func soloAffidate(chi access.Chi) bool { return chi.Aperti != nil && !chi.Apre(pratica.RegistroUPT) }

// menuUPT are the pages of the UPT. What waits there is counted for who works nowhere
// else, with its key open.
func menuUPT(amb *pratica.Ambiente, chi access.Chi, conti pratica.Conteggi, qui string) []VoceMenu {
	chiavi := VoceMenu{Testo: "Chiavi dell'ufficio", Icona: "key", Link: "/chiavi", Qui: qui == "chiavi"}
	if amb.Del(pratica.RegistroUPT) == nil {
		return []VoceMenu{chiavi}
	}
	if soloAffidate(chi) {
		return []VoceMenu{{Testo: "Affidate a te", Icona: "inbox", Link: "/affidate", Qui: qui == "affidate"}, chiavi}
	}
	n := 0
	if soloUPT(chi) {
		n = conti.DaFare
	}
	voci := []VoceMenu{{Testo: "Pratiche dell'UPT", Icona: "inbox", Link: "/upt", N: conta(n), Qui: qui == "upt"},
		{Testo: "Nuova per l'UPT", Icona: "plus", Link: "/upt/nuova", Qui: qui == "/upt/nuova"},
		{Testo: "Registro dell'UPT", Icona: "list", Link: "/upt/registrazioni", Qui: qui == "upt/registrazioni"},
		{Testo: "Registri giornalieri dell'UPT", Icona: "calendar", Link: "/upt/registrazioni/giornalieri", Qui: qui == "upt/registrazioni/giornalieri"},
		{Testo: "Archivio dell'UPT", Icona: "files", Link: "/upt/archivio", Qui: qui == "upt/archivio"},
		{Testo: "Chi ha letto", Icona: "search", Link: "/upt/accessi", Qui: qui == "upt/accessi"}, chiavi}
	if chi.Ha(access.UPT) {
		voci = append(voci, VoceMenu{Testo: "Regolamento dell'UPT", Icona: "file", Link: viaRegUPT, Qui: qui == "upt/regolamento"},
			VoceMenu{Testo: "Come raggiungere l'UPT", Icona: "telephone", Link: "/upt/contatto", Qui: qui == "upt/contatto"})
	}
	return voci
}

// conta is a count beside a view: nothing for none, and no more than it is worth
// knowing.
func conta(n int) string {
	switch {
	case n == 0:
		return ""
	case n > 1000:
		return "1.000+"
	}
	return i18n.Number(n)
}

type tasto struct{ Tasti, Cosa string }

type paginaTasti struct {
	Scrivania
	Tasti  []tasto
	Parole []tasto // of the search; not Cerca, which is what was searched
}

// aiutoTasti is the sheet of the keys, and of what can be typed in a search.
func (s *Server) aiutoTasti(w http.ResponseWriter, r *http.Request) error {
	base, _, err := s.scrivania(r, "Tasti rapidi e ricerca", "")
	if err != nil {
		return err
	}
	return s.rendi(w, r, http.StatusOK, "desk_tasti.html", &paginaTasti{Scrivania: base,
		Tasti: []tasto{{"/", "vai alla ricerca"}, {"j e k", "riga o pratica successiva e precedente"}, {"Invio", "apri la pratica"},
			{"x", "scegli la riga"}, {"u", "torna all'elenco"}, {"e", "vai al prossimo passo"}, {"n", "aggiungi una nota"}, {"a", "assegna"},
			{"g poi d", "apri Da fare"}, {"g poi f", "apri Alla firma"}, {"?", "apri questa pagina"}},
		Parole: []tasto{{"2026/123", "apre la segnalazione con quel numero"}, {"protocollo:0012345", "per numero del protocollo dell’ente"}, {"stato:istruttoria", "per fase: anche stato:aperta e stato:sospesa"},
			{"tipo:reclamo", "per tipo"}, {`struttura:"pronto soccorso"`, "per reparto o servizio"}, {"scade:<7g", "scade entro 7 giorni; anche oggi, domani, scadute"},
			{"ricevuta:2026-03", "per data di arrivo; anche 2026-03-01..2026-03-15"}, {"incarico:io", "affidate a te"},
			{"dimissione lettera", "tutte queste parole, nel testo e nei nomi"},
			{`"lettera di dimissione"`, "le parole una dopo l'altra"}, {"lettera o referto", "almeno una delle due"}, {"dimissione -lettera", "la prima parola senza la seconda"},
			{"mart*", "nomi che cominciano così"}}})
}
