package demo

import (
	"context"

	"kinglet/hal/sim"
)

// play is the tour: sense, infer, act; then seven versions.
func (t *tour) play(ctx context.Context) error {
	for _, part := range []func(context.Context) error{t.senses, t.updates} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	t.drain()
	return nil
}

// senses walks the motor through its states and waits for what the device says of each.
func (t *tour) senses(ctx context.Context) error {
	t.scene(sim.Off, "The motor stands still.")
	if err := t.pause(ctx, 4); err != nil {
		return err
	}
	t.scene(sim.Normal, "The motor runs, healthy.")
	if err := t.pause(ctx, 8); err != nil {
		return err
	}
	for _, fault := range []struct {
		state sim.State
		text  string
	}{
		{sim.Imbalance, "Dirt on the fan: the rotor is out of balance."},
		{sim.Bearing, "A pit in the bearing: every ball that passes strikes it."},
	} {
		t.scene(fault.state, "%s", fault.text)
		if err := t.expect(ctx, fault.state.String(), true); err != nil {
			return err
		}
		if err := t.pause(ctx, 3); err != nil {
			return err
		}
		t.scene(sim.Normal, "Repaired: the motor runs, healthy.")
		if err := t.expect(ctx, fault.state.String(), false); err != nil {
			return err
		}
		if err := t.pause(ctx, 3); err != nil {
			return err
		}
	}
	return nil
}

// linger goes on through the states until ctx is done.
func (t *tour) linger(ctx context.Context) {
	for {
		for _, s := range []struct {
			state sim.State
			text  string
		}{
			{sim.Normal, "That was the tour. The motor runs on, healthy."},
			{sim.Imbalance, "Out of balance."},
			{sim.Normal, "Healthy again."},
			{sim.Bearing, "A damaged bearing."},
		} {
			t.scene(s.state, "%s", s.text)
			if t.pause(ctx, 20) != nil {
				return // the person has seen enough
			}
			t.drain()
		}
	}
}
