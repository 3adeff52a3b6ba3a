package periphio

import "time"

// newLM75 is the first of its family (TI SNOS808, NXP's LM75A likewise as 9 bits): the
// temperature in 9 bits of half a degree, of which the other 7 mean nothing;
// configuration 0 converts on and on, 100 to 300 ms each.
func newLM75(o Options) (chip, error) { return lm75("lm75", o, 0x007f) }

// newLM75B is NXP's LM75B, and the LM75A read in full: 7.4.3 of its data sheet
// (rev 6.1), 11 bits of 0.125 degrees.
func newLM75B(o Options) (chip, error) { return lm75("lm75b", o, 0x001f) }

func lm75(name string, o Options, unused uint16) (chip, error) {
	rate, err := within("rate", o.Rate, 1, 0.01, 10)
	return &lm{
		name: name, rate: rate, min: -55, max: 127.5, unused: unused,
		config: []byte{0x00}, check: []byte{0xff}, first: 300 * time.Millisecond,
	}, err
}
