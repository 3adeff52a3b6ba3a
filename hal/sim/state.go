package sim

import "fmt"

// State is the condition of the motor.
type State uint8

// The states in the order of the embedded models' labels.
const (
	Off       State = iota // no supply; the shaft runs down and stands
	Normal                 // running, with the residual imbalance that every rotor has
	Imbalance              // running with a rotor out of balance
	Bearing                // running with a local fault in the rolling bearing
)

// States lists every state in order.
func States() [4]State { return [4]State{Off, Normal, Imbalance, Bearing} }

// String is the label of the state.
func (s State) String() string {
	switch s {
	case Off:
		return "off"
	case Normal:
		return "normal"
	case Imbalance:
		return "imbalance"
	case Bearing:
		return "bearing"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// ParseState is the state that a label names.
func ParseState(label string) (State, error) {
	for _, s := range States() {
		if s.String() == label {
			return s, nil
		}
	}
	return 0, fmt.Errorf("got state %q, want off, normal, imbalance or bearing", label)
}

// running says whether the motor is under power.
func (s State) running() bool { return s != Off }
