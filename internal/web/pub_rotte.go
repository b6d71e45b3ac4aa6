package web

import "net/http"

// rotteCittadino are the pages that anybody may open.
func (s *Server) rotteCittadino() []rotta {
	const leggi, scrivi = http.MethodGet, http.MethodPost
	return []rotta{
		{leggi, "/{$}", nil, s.servizio},
		{leggi, "/segnala", nil, rimandaA("/segnala/1")},
		{leggi, "/segnala/ufficio", nil, s.mostraPasso(s.passoUfficio)},
		{scrivi, "/segnala/ufficio", nil, s.scriviUfficio},
		{leggi, "/segnala/1", nil, s.mostraPasso(s.passo1)},
		{scrivi, "/segnala/1", nil, s.scrivi1},
		{leggi, "/segnala/2", nil, s.mostraPasso(s.passo2)},
		{scrivi, "/segnala/2", nil, s.scrivi2},
		{leggi, "/segnala/2/luogo", nil, s.mostraPasso(s.passoLuogo)},
		{scrivi, "/segnala/2/luogo", nil, s.scriviLuogo},
		{leggi, "/segnala/2/ritardo", nil, s.mostraPasso(s.passoRitardo)},
		{scrivi, "/segnala/2/ritardo", nil, s.scriviRitardo},
		{leggi, "/segnala/3", nil, s.mostraPasso(s.passo3)},
		{scrivi, "/segnala/3", nil, s.scrivi3},
		{leggi, "/segnala/4", nil, s.mostraPasso(s.passo4)},
		{scrivi, "/segnala/4", nil, s.scrivi4},
		{scrivi, "/segnala/4/togli", nil, s.togliFile},
		{leggi, "/segnala/5", nil, s.mostraPasso(s.passo5)},
		{scrivi, "/segnala/5", nil, s.scrivi5},
		{leggi, "/segnala/5/dati", nil, s.mostraPasso(s.passoDati)},
		{scrivi, "/segnala/5/dati", nil, s.scriviDati},
		{leggi, "/segnala/6", nil, s.mostraPasso(s.passo6)},
		{scrivi, "/segnala/6", nil, s.invia},
		{leggi, "/segnala/modulo", nil, s.mostraPasso(s.moduloBozza)},
		{scrivi, "/segnala/cancella", nil, s.abbandona},
		{scrivi, "/segnala/altra", nil, s.unAltra},
		{leggi, "/ricevuta", nil, s.ricevuta},
		{leggi, "/ricevuta/qr.svg", nil, s.ricevutaQR},
		{leggi, "/ricevuta/prova.json", nil, s.provaRicevuta},
		{leggi, "/ricevuta/prova.svg", nil, s.provaQR},
		{leggi, "/ricevuta/verifica", nil, s.verifica},
		{leggi, "/ricevuta/verifica.html", nil, s.verificaDaSola},
		{scrivi, "/ricevuta/verifica", nil, s.verificaRicevuta},
		{scrivi, "/ricevuta/fine", nil, s.finisci},
		{leggi, "/segui", nil, s.segui},
		{scrivi, "/segui", nil, s.entraSegui},
		{leggi, "/segui/stato", nil, s.conSegui(false, s.statoSegui)},
		{leggi, "/segui/risposta", nil, s.conSegui(true, s.rispostaSegui)},
		{leggi, "/segui/modulo", nil, s.conSegui(true, s.moduloSegui)},
		{leggi, "/segui/ricevuta.json", nil, s.conSegui(true, s.provaSegui)},
		{leggi, "/segui/file/{id}", nil, s.conSegui(true, s.fileSegui)},
		{leggi, "/segui/copia", nil, s.conSegui(true, s.copiaSegui)},
		{leggi, "/segui/atto/{atto}", nil, s.conSegui(true, s.attoSegui)},
		{scrivi, "/segui/atto/{atto}", nil, s.conSegui(true, s.compi)},
		{scrivi, "/segui/esci", nil, s.esciSegui},
		{leggi, "/verifica", nil, s.timbro},
		{scrivi, "/verifica", nil, s.scriviTimbro},
		{leggi, "/verifica/{id}", nil, s.timbroDi},
		{scrivi, "/verifica/{id}", nil, s.scriviTimbro},
		{leggi, "/modulo", nil, s.modulo},
		{leggi, "/modulo/delega", nil, s.delega},
		{leggi, "/registro", nil, s.registroPubblico},
		{leggi, "/privacy", nil, s.privacy},
		{leggi, "/accessibilita", nil, s.accessibilita},
	}
}

// rimandaA sends on to another page.
func rimandaA(dove string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, dove, http.StatusSeeOther)
		return nil
	}
}
