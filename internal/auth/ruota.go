package auth

import "context"

// Reseal seals the factors of an ente under the current version of the server's key.
// mancano are those that this version alone does not open then.
func (a *Auth) Reseal(ctx context.Context, ente string) (fatti, mancano int, err error) {
	persone, err := a.archivio.Persone(ctx, ente, "")
	if err != nil {
		return 0, 0, err
	}
	for _, p := range persone {
		tutti, err := a.archivio.Secondi(ctx, ente, p.ID)
		if err != nil {
			return fatti, mancano, err
		}
		for _, f := range tutti {
			nuovo, err := a.ring.Reseal(f.contesto(), f.Segreto)
			if err != nil {
				mancano++ // written by somebody else, or of another place: it opened nothing before
				continue
			}
			if nuovo == nil {
				continue
			}
			if err := a.archivio.CambiaSegreto(ctx, f, nuovo); err != nil {
				return fatti, mancano, err
			}
			fatti++
		}
	}
	return fatti, mancano, nil
}
