package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// filler is the file of the golden vectors.
func filler(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i/251)
	}
	return b
}

// sealWithSalt writes a blob with a given salt, chunk by chunk.
func sealWithSalt(key []byte, ctx string, salt, plain []byte) []byte {
	out := append([]byte(blobMagic), salt...)
	aead := blobAEAD(key, ctx, salt)
	for n := uint64(0); ; n++ {
		part := plain[:min(chunk, len(plain))]
		plain = plain[len(part):]
		out = aead.Seal(out, blobNonce(n, len(plain) == 0), part, nil)
		if len(plain) == 0 {
			return out
		}
	}
}

func TestGoldenBlob(t *testing.T) {
	for _, v := range readGolden(t).Blobs {
		key := unhex(t, v.Key)
		sealed := sealWithSalt(key, v.Context, unhex(t, v.Salt), filler(v.Size))
		sum := sha256.Sum256(sealed)
		if hex.EncodeToString(sum[:]) != v.Sum {
			t.Errorf("%d bytes: address %x, want %s", v.Size, sum, v.Sum)
		}
		if v.Sealed != "" {
			sealed = unhex(t, v.Sealed)
		}
		var got bytes.Buffer
		size, err := OpenBlob(&got, bytes.NewReader(sealed), key, v.Context)
		plain := sha256.Sum256(got.Bytes())
		if err != nil || size != int64(v.Size) || hex.EncodeToString(plain[:]) != v.PlainSum {
			t.Errorf("%d bytes: %d, %x, %v", v.Size, size, plain, err)
		}
	}
}

func TestBlobRoundTrip(t *testing.T) {
	key, ctx := NewKey(), Context("blob", "demo", "p", "nucleo", "b")
	for _, n := range []int{0, 1, 100, chunk - 1, chunk, chunk + 1, 2 * chunk, 3*chunk + 5} {
		for name, src := range map[string]io.Reader{"whole": bytes.NewReader(filler(n)),
			"byte by byte": iotest.OneByteReader(bytes.NewReader(filler(n))),
			"with its end": iotest.DataErrReader(bytes.NewReader(filler(n)))} {
			var sealed, got bytes.Buffer
			size, sum, plainSum, err := SealBlob(&sealed, src, key, ctx)
			if err != nil || size != int64(n) || sum != sha256.Sum256(sealed.Bytes()) || plainSum != sha256.Sum256(filler(n)) {
				t.Fatalf("%d bytes, %s: %d, %v", n, name, size, err)
			}
			if back, err := OpenBlob(&got, iotest.HalfReader(&sealed), key, ctx); err != nil || back != int64(n) || !bytes.Equal(got.Bytes(), filler(n)) {
				t.Fatalf("%d bytes, %s: back %d, %v", n, name, back, err)
			}
		}
	}
}

func TestBlobCutMovedOrGrown(t *testing.T) {
	key, ctx := NewKey(), Context("blob", "b")
	var buf bytes.Buffer
	if _, _, _, err := SealBlob(&buf, bytes.NewReader(filler(2*chunk+10)), key, ctx); err != nil {
		t.Fatal(err)
	}
	whole := buf.Bytes()
	head, c := len(blobMagic)+saltLen, chunk+tagLen
	salt := whole[len(blobMagic):head]
	emptyEnd := blobAEAD(key, ctx, salt).Seal(bytes.Clone(whole[:head]), blobNonce(0, false), filler(chunk), nil)
	emptyEnd = blobAEAD(key, ctx, salt).Seal(emptyEnd, blobNonce(1, true), nil, nil)
	swapped := bytes.Clone(whole)
	copy(swapped[head:], whole[head+c:head+2*c])
	copy(swapped[head+c:], whole[head:head+c])
	for name, b := range map[string][]byte{
		"empty": nil, "half a head": whole[:10], "head only": whole[:head],
		"first chunk only": whole[:head+c], "two chunks": whole[:head+2*c], "last byte gone": whole[:len(whole)-1],
		"a byte more": append(bytes.Clone(whole), 0), "chunks swapped": swapped,
		"first chunk gone": append(bytes.Clone(whole[:head]), whole[head+c:]...),
		"empty last chunk": emptyEnd,
		"twice":            append(bytes.Clone(whole), whole...),
	} {
		if _, err := OpenBlob(io.Discard, bytes.NewReader(b), key, ctx); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenBlob(io.Discard, bytes.NewReader(whole), key, Context("blob", "c")); !errors.Is(err, ErrSealed) {
		t.Error("opened in another place")
	}
	if _, err := OpenBlob(io.Discard, bytes.NewReader(whole), nil, ctx); !errors.Is(err, ErrSealed) {
		t.Error("opened without a key")
	}
}

// A sender who goes away in the middle is an error, not the end of a file.
func TestSealBlobPassesErrorsOn(t *testing.T) {
	for _, want := range []error{io.ErrUnexpectedEOF, errors.New("line gone")} {
		for _, n := range []int{0, 10, chunk, chunk + 1} {
			src := io.MultiReader(bytes.NewReader(filler(n)), iotest.ErrReader(want))
			if _, _, _, err := SealBlob(io.Discard, src, NewKey(), Context("b")); !errors.Is(err, want) {
				t.Errorf("%v after %d bytes: got %v", want, n, err)
			}
			key, ctx := NewKey(), Context("b")
			var sealed bytes.Buffer
			if _, _, _, err := SealBlob(&sealed, bytes.NewReader(filler(n)), key, ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenBlob(io.Discard, io.MultiReader(&sealed, iotest.ErrReader(errors.New("disk"))), key, ctx); err == nil {
				t.Error("opened although reading failed")
			}
		}
	}
}

// FuzzOpenBlob: nothing panics, and of all bytes only a blob as it was sealed
// opens.
func FuzzOpenBlob(f *testing.F) {
	key, ctx := bytes.Repeat([]byte{9}, 32), Context("fuzz")
	f.Add(sealWithSalt(key, ctx, make([]byte, saltLen), []byte("una pagina")), uint32(0))
	f.Add([]byte("TUB1"), uint32(77))
	f.Fuzz(func(t *testing.T, b []byte, bit uint32) {
		var got bytes.Buffer
		if _, err := OpenBlob(&got, bytes.NewReader(b), key, ctx); err == nil {
			salt := b[len(blobMagic) : len(blobMagic)+saltLen]
			if !bytes.Equal(b, sealWithSalt(key, ctx, salt, got.Bytes())) {
				t.Fatalf("opened %x", b)
			}
		}
		var sealed bytes.Buffer
		if _, _, _, err := SealBlob(&sealed, bytes.NewReader(b), key, ctx); err != nil {
			t.Fatal(err)
		}
		flipped := sealed.Bytes()
		flipped[int(bit/8)%len(flipped)] ^= 1 << (bit % 8)
		if _, err := OpenBlob(io.Discard, &sealed, key, ctx); err == nil {
			t.Fatal("opened after a flipped bit")
		}
	})
}

func BenchmarkSealBlob(b *testing.B) {
	key, data := NewKey(), make([]byte, 1<<20)
	b.SetBytes(1 << 20)
	for b.Loop() {
		if _, _, _, err := SealBlob(io.Discard, bytes.NewReader(data), key, "x"); err != nil {
			b.Fatal(err)
		}
	}
}
