package web

import (
	"net/http"
	"strings"

	"tutela/internal/auth"
)

// mettiSessione gives the browser the cookie of a session.
func mettiSessione(w http.ResponseWriter, cookie string) {
	http.SetCookie(w, &http.Cookie{Name: biscottoSessione, Value: cookie, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode})
}

// da is where a request comes from, as coarse as the page of sessions shows it.
func da(r *http.Request) auth.Da {
	return auth.Da{Rete: rete(r), Dispositivo: dispositivo(r.UserAgent())}
}

// The words of a device, the first that its browser names; most browsers also name
// those they descend from.
var (
	programmi = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}}
	sistemi = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Macintosh", "Mac"}, {"CrOS", "Chromebook"}, {"Linux", "Linux"}}
)

func dispositivo(ua string) string {
	trova := func(tra [][2]string, senno string) string {
		for _, x := range tra {
			if strings.Contains(ua, x[0]) {
				return x[1]
			}
		}
		return senno
	}
	return trova(programmi, "Un browser") + " su " + trova(sistemi, "un altro sistema")
}
