package daemon

import (
	"fmt"
	"time"

	"kinglet/agent/internal/config"
	"kinglet/hal"
	"kinglet/hal/sim"
)

func duration(d config.Duration) time.Duration { return time.Duration(d) }

// source opens a source of the configuration by its driver.
func (d *Daemon) source(name string) (hal.Source, error) {
	if s, ok := d.opt.Sources[name]; ok {
		return s, nil
	}
	c := d.cfg.Sources[name]
	switch c.Driver {
	case "sim-motor":
		state := sim.Normal
		if c.State != "" {
			var err error
			if state, err = sim.ParseState(c.State); err != nil {
				return nil, err
			}
		}
		pace := c.Pace
		if pace == 0 {
			pace = 1
		}
		return sim.New(sim.Options{Name: name, Rate: float64(c.Rate), Speed: c.Speed, SNR: c.SNR, Seed: c.Seed, State: state, Load: 0.5, Pace: pace})
	}
	return nil, fmt.Errorf("driver %q: want sim-motor", c.Driver)
}
