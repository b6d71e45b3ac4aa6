package vault

import "testing"

func BenchmarkHPKESeal(b *testing.B) {
	k, pk := newPrivateKey().public(), NewKey()
	for b.Loop() {
		k.Seal("bench", pk)
	}
}

func BenchmarkHPKEOpen(b *testing.B) {
	k := newPrivateKey()
	sealed := k.public().Seal("bench", NewKey())
	for b.Loop() {
		if _, err := k.open("bench", sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrap is what intake pays for a part: the compartment's row checked, a
// wrap.
func BenchmarkWrap(b *testing.B) {
	w := newWorld(b)
	for name, v := range map[string]Versione{"server": w.ring.NewVersione("demo", "urp", 1), "membri": *w.newest()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := v.Recipient(w.ring, w.verify)
				if err != nil {
					b.Fatal(err)
				}
				Parte{"demo", ID{1}, "nucleo"}.Wrap(NewKey(), r)
			}
		})
	}
}

// BenchmarkPassphrase is the hash of a sign-in or an unlock, at its full price.
func BenchmarkPassphrase(b *testing.B) {
	m, frase, pepper := NewMemberKey("demo", "anna", 1), NewPassphrase(), NewKey()
	s, err := m.PassphraseSlot("s1", frase, pepper, CostoPieno)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.OpenPassphrase(frase, pepper); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRequest is what each request to a member-held compartment pays: the
// member key from the session, and the whole check.
func BenchmarkRequest(b *testing.B) {
	for name, versions := range map[string]int{"1 version": 1, "20 versions": 20} {
		w := newWorld(b)
		for range versions - 1 {
			w.renew("anna", Renewal{})
		}
		w.unlock("bruno")
		session := w.ring.Session("demo", [32]byte(NewKey()))
		sealed := session.SealMember(w.keys["bruno"])
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				m, err := session.OpenMember("bruno", 1, sealed)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := w.rows.Unlock(m, w.pins["bruno"], Outside{Ultima: w.last, Verify: w.verify}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRenew is a new version with new sheets: 2 of 3, and 4 of 9, which is 126
// rows.
func BenchmarkRenew(b *testing.B) {
	w := newWorld(b)
	u := w.unlock("anna")
	for name, q := range map[string]*NewQuorum{"2 of 3": quorumOf(2, 3), "4 of 9": quorumOf(4, 9)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := u.Renew(Renewal{Quorum: q}, w.log); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
