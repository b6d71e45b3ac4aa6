package organigramma

import "strings"

// Vuoto is the chart of an ente that has not imported one yet: no unit, no site.
// Reports then go to the URP aziendale.
func Vuoto() *Versione {
	v, errori := Import(strings.NewReader("id,codice,tipo,nome,padre,tipo_afferenza,presidio,ente,stato,valida_dal,valida_al,note,fonte\r\n"), nil, nil)
	if len(errori) > 0 {
		panic("organigramma: the empty chart does not import: " + errori[0].Error())
	}
	return v
}
