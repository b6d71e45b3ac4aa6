package vault

import (
	"bufio"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
)

// A sealed file is
//
//	"TUB1" | salt 32 | chunks
//
// Each chunk is AES-256-GCM of 64 KiB of the file (the last one may be shorter,
// and is empty only if the file is), with 16 bytes of tag. The key is
// HKDF-SHA256 with info = context|salt in base64url; the nonce is three zero
// bytes, the chunk's number in eight (big endian), and 1 for the last chunk, 0
// for the others: so chunks cannot be moved, dropped or cut off.
const (
	blobMagic = "TUB1"
	saltLen   = 32
	chunk     = 64 << 10
	tagLen    = 16
)

// SealBlob encrypts src into dst while reading it, under key for the place ctx
// names. It gives the size of the file in bytes, the SHA-256 of what it wrote
// (the blob's address) and the SHA-256 of the file itself, which is personal: it
// is stored sealed. Errors are those of src or dst; what was written then is to
// be thrown away. The salt is new each time, so a retry repeats no nonce.
func SealBlob(dst io.Writer, src io.Reader, key []byte, ctx string) (size int64, sum, plainSum [32]byte, err error) {
	if len(key) < minKey {
		panic("vault: key too short")
	}
	salt := make([]byte, saltLen)
	rand.Read(salt)
	cipherHash, plainHash := sha256.New(), sha256.New()
	out := io.MultiWriter(dst, cipherHash)
	if _, err = out.Write(append([]byte(blobMagic), salt...)); err != nil {
		return 0, sum, plainSum, err
	}
	aead := blobAEAD(key, ctx, salt)
	in := bufio.NewReaderSize(src, chunk)
	buf := make([]byte, chunk, chunk+tagLen)
	for n := uint64(0); ; n++ {
		got, last, err := readChunk(in, buf)
		if err != nil {
			return size, sum, plainSum, err
		}
		plainHash.Write(buf[:got])
		size += int64(got)
		if _, err := out.Write(aead.Seal(buf[:0], blobNonce(n, last), buf[:got], nil)); err != nil {
			return size, sum, plainSum, err
		}
		if last {
			break
		}
	}
	cipherHash.Sum(sum[:0])
	plainHash.Sum(plainSum[:0])
	return size, sum, plainSum, nil
}

// OpenBlob decrypts src into dst and gives the size of the file. Bytes that were
// changed, moved or cut give ErrSealed; what dst got before the error is a
// genuine beginning of the file, and is to be thrown away.
func OpenBlob(dst io.Writer, src io.Reader, key []byte, ctx string) (size int64, err error) {
	in := bufio.NewReaderSize(src, chunk+tagLen)
	head := make([]byte, len(blobMagic)+saltLen)
	if _, err := io.ReadFull(in, head); err != nil {
		return 0, cut(err)
	}
	if len(key) < minKey || string(head[:len(blobMagic)]) != blobMagic {
		return 0, ErrSealed
	}
	aead := blobAEAD(key, ctx, head[len(blobMagic):])
	buf := make([]byte, chunk+tagLen)
	for n := uint64(0); ; n++ {
		got, last, err := readChunk(in, buf)
		if err != nil {
			return size, err
		}
		plain, err := aead.Open(buf[:0], blobNonce(n, last), buf[:got], nil)
		if err != nil || len(plain) == 0 && n > 0 {
			return size, ErrSealed
		}
		if _, err := dst.Write(plain); err != nil {
			return size, err
		}
		size += int64(len(plain))
		if last {
			return size, nil
		}
	}
}

// readChunk fills buf, or as much of it as there is, and says whether the
// source ends with it. Only io.EOF is an end: io.ReadFull would hide the
// io.ErrUnexpectedEOF of a request whose sender went away.
func readChunk(in *bufio.Reader, buf []byte) (n int, last bool, err error) {
	for n < len(buf) && err == nil {
		var got int
		got, err = in.Read(buf[n:])
		n += got
	}
	if err == nil {
		_, err = in.Peek(1)
	}
	if err == io.EOF {
		return n, true, nil
	}
	return n, false, err
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrSealed
	}
	return err
}

func blobAEAD(key []byte, ctx string, salt []byte) cipher.AEAD {
	info := ctx + "|" + base64.RawURLEncoding.EncodeToString(salt)
	a, err := cipher.NewGCM(block(derive(key, info)))
	if err != nil {
		panic(err) // only a block that is not AES
	}
	return a
}

func blobNonce(n uint64, last bool) []byte {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[3:11], n)
	if last {
		nonce[11] = 1
	}
	return nonce
}
