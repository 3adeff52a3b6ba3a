package config

// Source is where samples come from. Its keys depend on its driver: each driver's keys are a
// struct with a table of its own, and a row here.
type Source struct {
	Driver string
	SimMotor
}

func (s *Source) body() body {
	return body{choice: &choice{by: "driver", at: &s.Driver, doc: "what the samples come from", variants: []variant{
		{"sim-motor", "a simulated three-axis accelerometer on a motor", s.SimMotor.keys()},
	}}}
}
