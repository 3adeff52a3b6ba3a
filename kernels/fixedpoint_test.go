package kernels

import (
	"fmt"
	"testing"
)

// digest is FNV-1a over the four bytes of each value.
type digest uint64

func (d *digest) add(v int32) {
	for i := range 4 {
		*d = (*d ^ digest(uint8(v>>(8*i)))) * 1099511628211
	}
}

// The digests were made by gemmlowp itself (and by LiteRT's own GetReciprocal and
// GetInvSqrtQuantizedMultiplierExp) over the inputs that each case walks through.
func TestFixedPointAgainstGemmlowp(t *testing.T) {
	tests := []struct {
		f    string
		bits int
		n    uint
		want digest
	}{
		{"exp", 16, 0, 0x5304adac62c9327e},
		{"logistic", 16, 0, 0xb55513901ad076ac},
		{"exp", 16, 2, 0x4dbe5d771510a612},
		{"logistic", 16, 2, 0x700f68b797fd532a},
		{"exp", 16, 3, 0x4e727f7ac918d69d},
		{"logistic", 16, 3, 0x4b9b836d1344f24e},
		{"exp", 16, 4, 0xc191618a53ad464e},
		{"logistic", 16, 4, 0x53e8ef22c534f565},
		{"exp", 16, 5, 0x147134f1138dccdd},
		{"logistic", 16, 5, 0x0510ab2e6f968afd},
		{"exp", 16, 6, 0x6cf9d74662f02900},
		{"logistic", 16, 6, 0xc6f5882d61c07299},
		{"tanh", 16, 0, 0xf783fcae0c6cd4f9},
		{"tanh", 16, 1, 0x32993e2f83cbd419},
		{"tanh", 16, 2, 0xb79b55a0293d8fad},
		{"tanh", 16, 3, 0x563def21364a3acf},
		{"tanh", 16, 4, 0x42c5329efce57b92},
		{"tanh", 16, 5, 0x1ab7e07a514b2fce},
		{"tanh", 16, 6, 0xab0159b6424f49fc},
		{"exp", 32, 0, 0xe2bde70bc7e6d41e},
		{"logistic", 32, 0, 0xb5b7ef04fa1ae5a3},
		{"tanh", 32, 0, 0x22cefb06e96a4293},
		{"exp", 32, 3, 0xad4221d1c26d2862},
		{"logistic", 32, 3, 0x603c01bd28e0f189},
		{"tanh", 32, 3, 0x977289ff847fcc53},
		{"exp", 32, 4, 0x8ba668e8e085a5d7},
		{"logistic", 32, 4, 0x11de0f741c67c9a6},
		{"tanh", 32, 4, 0xc3a61e1411b6187d},
		{"exp", 32, 5, 0x1ae7a7270a875796},
		{"logistic", 32, 5, 0xaa56dbced5532eb7},
		{"tanh", 32, 5, 0xf4f08aa9f392e37e},
		{"exp", 32, 6, 0x74471adfd4ec3698},
		{"logistic", 32, 6, 0x9317ffb54cd4b44c},
		{"tanh", 32, 6, 0x452027cd46774162},
		{"exp", 32, 7, 0x8abca1f2801853f6},
		{"logistic", 32, 7, 0x1effc63353b52678},
		{"tanh", 32, 7, 0xf7722ba6179cffca},
		{"invsqrt", 32, 0, 0xb6e1053e7f99d0c6},
		{"reciprocal", 32, 12, 0x59107070b603b779},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s_s%d_%d", tt.f, tt.bits, tt.n), func(t *testing.T) {
			got := digest(1469598103934665603)
			switch {
			case tt.f == "invsqrt":
				for x := int64(0); x < 1<<31; x += 40009 {
					m := InvSqrt(int32(x))
					got.add(m.M)
					got.add(m.Shift)
				}
				for x := range int32(3000) {
					m := InvSqrt(x)
					got.add(m.M)
					got.add(m.Shift)
				}
			case tt.f == "reciprocal":
				for x := int64(1); x < 1<<31; x += 40009 {
					m, s := Reciprocal(int32(x), int(tt.n))
					got.add(m)
					got.add(int32(s))
				}
			case tt.bits == 16:
				f := map[string]func(int16, uint) int16{"exp": FixedExp[int16], "tanh": FixedTanh[int16], "logistic": FixedLogistic[int16]}[tt.f]
				for x := -32768; x <= 32767 && (tt.f != "exp" || x <= 0); x++ {
					got.add(int32(f(int16(x), tt.n)))
				}
			default:
				f := map[string]func(int32, uint) int32{"exp": FixedExp[int32], "tanh": FixedTanh[int32], "logistic": FixedLogistic[int32]}[tt.f]
				for x := int64(-1 << 31); x < 1<<31 && (tt.f != "exp" || x <= 0); x += 40009 {
					got.add(f(int32(x), tt.n))
				}
			}
			if got != tt.want {
				t.Errorf("results differ from gemmlowp's: digest %016x, want %016x", got, tt.want)
			}
		})
	}
}
