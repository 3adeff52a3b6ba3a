package config

import "kinglet/hal/sim"

// SimMotor is a source with driver sim-motor. The bounds and defaults are those of sim.Options.
type SimMotor struct {
	Rate  Rate    // samples a second
	State string  // of the motor
	Speed float64 // rpm
	SNR   float64 // dB
	Seed  uint64
	Pace  float64 // simulated seconds in a real one
}

func (s *SimMotor) keys() []key {
	var states []string
	for _, state := range sim.States() {
		states = append(states, state.String())
	}
	return []key{
		{name: "rate", doc: "samples a second", value: &quantity[Rate]{
			at: &s.Rate, def: 3200, min: 100, max: 100e3, units: []unit{{"Hz", 1}, {"kHz", 1e3}}, example: "3200Hz",
		}},
		{name: "state", doc: "the motor's condition", value: &enum{at: &s.State, def: sim.Normal.String(), of: states}},
		{name: "speed", doc: "revolutions of the shaft a minute", value: &quantity[float64]{
			at: &s.Speed, def: 1450, min: 1, max: 60_000, units: []unit{{"rpm", 1}}, bare: true,
		}},
		{name: "snr", doc: "vibration over noise", value: &quantity[float64]{
			at: &s.SNR, def: 20, min: 1, max: 200, units: []unit{{"dB", 1}}, bare: true,
		}},
		{name: "seed", doc: "which motor of its kind this is", value: &whole[uint64]{at: &s.Seed, def: 1, max: 1<<53 - 1}},
		{name: "pace", doc: "simulated seconds in a real one", value: &quantity[float64]{
			at: &s.Pace, def: 1, min: 0.001, max: 1000, bare: true,
		}},
	}
}
