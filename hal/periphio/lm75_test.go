package periphio

import "testing"

// TestLM75Tables are the 9-bit table of the LM75 and the 11-bit one of the
// LM75B (NXP, rev 6.1, table 10). Bits that mean nothing are set.
func TestLM75Tables(t *testing.T) {
	for _, row := range []struct {
		build func(Options) (chip, error)
		code  uint16 // right-aligned, as it is printed
		shift int
		want  float32
	}{
		{newLM75, 0x0fa, 7, 125}, {newLM75, 0x032, 7, 25}, {newLM75, 0x001, 7, 0.5}, {newLM75, 0x000, 7, 0},
		{newLM75, 0x1ff, 7, -0.5}, {newLM75, 0x1ce, 7, -25}, {newLM75, 0x192, 7, -55},
		{newLM75B, 0x3f8, 5, 127}, {newLM75B, 0x3f7, 5, 126.875}, {newLM75B, 0x3f1, 5, 126.125}, {newLM75B, 0x3e8, 5, 125},
		{newLM75B, 0x0c8, 5, 25}, {newLM75B, 0x001, 5, 0.125}, {newLM75B, 0x000, 5, 0}, {newLM75B, 0x7ff, 5, -0.125},
		{newLM75B, 0x738, 5, -25}, {newLM75B, 0x649, 5, -54.875}, {newLM75B, 0x648, 5, -55},
	} {
		c, err := row.build(Options{})
		if err != nil {
			t.Fatal(err)
		}
		junk := uint16(1)<<row.shift - 1
		if got := c.(*lm).celsius(row.code<<row.shift | junk); got != row.want {
			t.Errorf("%s: 0x%03x: got %v, want %v", c.(*lm).name, row.code, got, row.want)
		}
	}
}

func TestLM75(t *testing.T) {
	for model, want := range map[string]float32{"lm75": 23.5, "lm75b": 23.875} {
		c := &words{narrow: map[byte]bool{lmConfig: true}}
		c.regs[lmTemp] = 0x17f0
		r, err := first(t, c, 0x4f, Options{Model: model})
		if err != nil || r.Samples[0] != want {
			t.Errorf("%s: got %v, %v, want %v", model, r.Samples, err, want)
		}
	}
}
