package main

import (
	"regexp"
	"strings"
)

// enti gives each body a code that no body has.
var enti = map[string]string{"": "", "725": "997", "726": "998", "327": "996"}

// codici renames the codes of sites and bodies inside ids.
var codici = strings.NewReplacer(
	"03090800", "03999001", "03027300", "03999002", "03072400", "03999000", "TER72400", "TER99900",
	"03020900", "03998001", "03090700", "03997001", "03023900", "03997002", "TER72500", "TER99700", "00032700", "00099600",
	"ENTE-725", "ENTE-997", "ENTE-726", "ENTE-998", "ENTE-327", "ENTE-996",
	"725-", "997-", "726-", "998-", "327-", "996-",
)

// nomi is applied in order, longest first, to the names of units and the words of
// links.
var nomi = []struct {
	re *regexp.Regexp
	a  string
}{
	{parola(`DH Oncologico POC - POOP`), "Day Hospital Oncologico"},
	{parola(`POOP`), "San Defendente"},
	{parola(`POC`), "Santa Chiara"},
	{parola(`UdR Cremona, Soncino, Soresina e Casalmaggiore`), "UdR Montelago, Castelvento, Pieve Serina e Rivalta d'Adda"},
	{parola(`11 UdR Mantova`), "UdR Valchiara"},
	{parola(`AOD Oglio Po`), "AOD San Defendente"},
	{parola(`Oglio Po`), "San Defendente"},
	{parola(`Distretto Casalasco Viadanese`), "Distretto Rivaltese"},
	{parola(`Casalasco-Viadanese`), "Rivaltese"},
	{parola(`Distretto Cremonese`), "Distretto di Montelago"},
	{parola(`Hospice Borgo Mantovano`), "Hospice Borgo Valchiara"},
	{parola(`SIMT Mantova Carlo Poma`), "SIMT Valchiara"},
	{parola(`Ospedale di Desenzano`), "Ospedale di Roccamora"},
	{parola(`Casalmaggiore`), "Rivalta d'Adda"},
	{parola(`Soresina`), "Pieve Serina"},
	{parola(`Rivolta d'Adda`), "Roccamora"},
	{parola(`Viadana`), "Gorlanza"},
	{parola(`Cremona`), "Montelago"},
	{parola(`Mantova`), "Valchiara"},
	{parola(`Crema`), "Roccamora"},
	{parola(`ATS Val ?[Pp]adana`), "ATS delle Rocche"},
	{parola(`ASST CR`), "ASST Montelago"},
	{parola(`SIMT CR`), "SIMT Montelago"},
	{parola(`AREU`), "agenzia regionale emergenza"},
	{parola(`AVIS`), "associazione donatori"},
	{parola(`ANMIC, Unione Italiana Ciechi, Ente Nazionale Sordi`), "associazioni di tutela"},
}

func parola(s string) *regexp.Regexp { return regexp.MustCompile(`\b` + s + `\b`) }

func rinomina(s string) string {
	for _, n := range nomi {
		s = n.re.ReplaceAllLiteralString(s, n.a)
	}
	return s
}

type luogo struct{ codice, nome, comune, indirizzo, tipo, stato string }

const (
	ospedali = "Via dei Tigli 40"
	filande  = "Via delle Filande"
)

// sedi gives each real site an invented one: all of it but kind and state, where
// these are not given here too.
var sedi = map[string]luogo{
	"03090800":       {codice: "03999001", nome: "Ospedale Santa Chiara – Montelago", comune: "Montelago", indirizzo: ospedali},
	"03027300":       {codice: "03999002", nome: "Ospedale San Defendente – Rivalta d'Adda", comune: "Rivalta d'Adda", indirizzo: "Via dell'Argine 7"},
	"03072400":       {codice: "03999000", nome: "ASST Montelago - sede legale e strutture di staff", comune: "Montelago", indirizzo: ospedali},
	"TER72400":       {codice: "TER99900", nome: "ASST Montelago - Polo Territoriale"},
	"03020900":       {codice: "03998001", nome: "Presidio dell'ente 998 (ASST Roccamora)", comune: "Roccamora"},
	"03090700":       {codice: "03997001", nome: "Presidio dell'ente 997 (ASST Valchiara)", comune: "Valchiara"},
	"03023900":       {codice: "03997002", nome: "Presidio dell'ente 997 (ASST Valchiara) - Hospice Borgo Valchiara", comune: "Borgo Valchiara"},
	"TER72500":       {codice: "TER99700", nome: "ASST Valchiara - Polo Territoriale"},
	"00032700":       {codice: "00099600", nome: "ATS delle Rocche (ente 996)"},
	"POC-MONOBLOCCO": {codice: "OSC-MONOBLOCCO", nome: "Santa Chiara - Corpo centrale", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-02":     {codice: "OSC-PAD-02", nome: "Santa Chiara - Padiglione 2 (portineria e centro prelievi)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-03":     {codice: "OSC-PAD-03", nome: "Santa Chiara - Padiglione 3 (direzioni e URP)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-04":     {codice: "OSC-PAD-04", nome: "Santa Chiara - Padiglione 4 (aule)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-05":     {codice: "OSC-PAD-05", nome: "Santa Chiara - Padiglione 5 (anatomia patologica)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-06":     {codice: "OSC-PAD-06", nome: "Santa Chiara - Padiglione 6 (centrale termica)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-07":     {codice: "OSC-PAD-07", nome: "Santa Chiara - Padiglione 7 (magazzini)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-08":     {codice: "OSC-PAD-08", nome: "Santa Chiara - Padiglione 8 (ambulatori)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-09":     {codice: "OSC-PAD-09", nome: "Santa Chiara - Padiglione 9 (hospice)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-10":     {codice: "OSC-PAD-10", nome: "Santa Chiara - Padiglione 10 (uffici)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-11":     {codice: "OSC-PAD-11", nome: "Santa Chiara - Padiglione 11 (SPDC)", comune: "Montelago", indirizzo: ospedali},
	"POC-PAD-12":     {codice: "OSC-PAD-12", nome: "Santa Chiara - Padiglione 12 (CUP e casse)", comune: "Montelago", indirizzo: ospedali},
	"POC-INFOPOINT":  {codice: "OSC-INFOPOINT", nome: "Santa Chiara - Info-point dell'atrio", comune: "Montelago", indirizzo: ospedali},

	"NPI-CREMONA":     {codice: "NPI-MONTELAGO", nome: "Neuropsichiatria Infantile Territoriale di Montelago", comune: "Montelago", indirizzo: "Via San Rocco 30"},
	"CPS-CREMONA":     {codice: "CPS-MONTELAGO", nome: "CPS di Montelago", comune: "Montelago", indirizzo: "Viale dei Platani 12"},
	"CPS-MAURINO":     {codice: "CPS-NUOVO", nome: "Vicolo Molino 2 (prossima sede CPS)", comune: "Montelago", indirizzo: "Vicolo Molino 2"},
	"IFC-BETLEM":      {codice: "IFC-MONTELAGO", nome: "Servizio infermieri di famiglia e continuità assistenziale", comune: "Montelago", indirizzo: "Via San Rocco 32"},
	"EXOP-CREMONA":    {codice: "FILANDE", nome: "Area delle Filande", comune: "Montelago", indirizzo: filande + " 1"},
	"EXOP-EDIFICIO-A": {codice: "FILANDE-A", nome: "Area delle Filande - Edificio A", comune: "Montelago", indirizzo: filande + " 1"},
	"EXOP-EDIFICIO-B": {codice: "FILANDE-B", nome: "Area delle Filande - Edificio B", comune: "Montelago", indirizzo: filande + " 3"},
	"EXOP-CRA":        {codice: "FILANDE-CRA", nome: "Comunità Riabilitativa Alta Assistenza (CRA) e Centro Diurno", comune: "Montelago", indirizzo: filande + " 5"},
	"EXOP-CPA":        {codice: "FILANDE-CPA", nome: "Comunità Media Assistenza (CPA), Centro Diurno e mensa", comune: "Montelago", indirizzo: filande + " 7"},
	"CDC-CREMONA":     {codice: "CDC-MONTELAGO", nome: "Casa di Comunità di Montelago", comune: "Montelago", indirizzo: filande + " 9", stato: "attivo"},
	"ODC-CREMONA":     {codice: "ODC-MONTELAGO", nome: "Ospedale di Comunità di Montelago", comune: "Montelago"},

	"CDC-SORESINA":            {codice: "CDC-PIEVE-SERINA", nome: "Casa di Comunità di Pieve Serina", comune: "Pieve Serina", indirizzo: "Via dei Mulini 4"},
	"ODC-SORESINA":            {codice: "ODC-PIEVE-SERINA", nome: "Ospedale di Comunità di Pieve Serina", comune: "Pieve Serina", indirizzo: "Via dei Mulini 4"},
	"NUOVO-ROBBIANI":          {codice: "POLI-BORGO-SAN-ZENO", nome: "Poliambulatorio di Borgo San Zeno", comune: "Borgo San Zeno", indirizzo: "Piazza del Pozzo 1", tipo: "poliambulatorio"},
	"VECCHIO-ROBBIANI":        {codice: "POLI-NUOVO", nome: "Nuovo poliambulatorio di Borgo San Zeno", comune: "Borgo San Zeno", indirizzo: "Via delle Rogge 6", tipo: "poliambulatorio"},
	"CASALMAGGIORE-GARIBALDI": {codice: "CONSULTORIO-RIVALTA", nome: "Consultorio di Rivalta d'Adda", comune: "Rivalta d'Adda", indirizzo: "Piazza del Traghetto 3", tipo: "consultorio"},
	"CDC-CASALMAGGIORE":       {codice: "CDC-RIVALTA", nome: "Casa di Comunità di Rivalta d'Adda", comune: "Rivalta d'Adda", indirizzo: "Piazza del Traghetto 5", stato: "attivo"},
	"SRP1-CASALMAGGIORE":      {codice: "SRP1-RIVALTA", nome: "Struttura residenziale SRP1 di Rivalta d'Adda", comune: "Rivalta d'Adda"},
	"SERT-CASALMAGGIORE":      {codice: "SERT-RIVALTA", nome: "Servizio SERT di Rivalta d'Adda", comune: "Rivalta d'Adda"},
	"CC-CREMONA":              {codice: "CC-MONTELAGO", nome: "Casa Circondariale di Montelago", comune: "Montelago"},
	"CDC-VIADANA":             {codice: "CDC-GORLANZA", nome: "Casa di Comunità di Gorlanza", comune: "Gorlanza"},
	"NUOVO-OSPEDALE":          {codice: "NUOVO-OSPEDALE", nome: "Nuovo Ospedale Santa Chiara", comune: "Montelago", indirizzo: ospedali},
}

// aggiunte are units that the real chart leaves inside its URP: the demonstration
// needs an office for each desk, since an office sees its own cases.
var aggiunte = []record{
	ufficio("URP-SANTA-CHIARA", "URP dell'Ospedale Santa Chiara", "OSC-PAD-03"),
	ufficio("URP-SAN-DEFENDENTE", "URP dell'Ospedale San Defendente", "03999002"),
	ufficio("FO-SANTA-CHIARA", "Front office dell'Ospedale Santa Chiara", "OSC-INFOPOINT"),
	ufficio("FO-RIVALTA", "Front office della Casa di Comunità di Rivalta d'Adda", "CDC-RIVALTA"),
}

func ufficio(id, nome, presidio string) record {
	return record{"id": id, "codice": id, "tipo": "funzione", "nome": nome, "padre": "53101", "tipo_afferenza": "gerarchica",
		"presidio": presidio, "stato": "attiva", "fonte": "dimostrazione"}
}
