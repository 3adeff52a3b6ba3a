// Package builtin holds the small models of our own making that come with the binary.
// What they are, how they were trained and how good they are stands in motor.json.
package builtin

import (
	_ "embed" // the models
)

// Model is an embedded model.
type Model struct {
	Name    string
	Version int
	Data    []byte   // the .tflite file; the caller's own copy
	Labels  []string // one a class, in the order of the output
}

// The files are strings, so that nobody can write to them.
//
//go:embed motor_v1.tflite
var motorV1 string

//go:embed motor_v2.tflite
var motorV2 string

//go:embed motor_v7.tflite
var motorV7 string

// Motor tells the state of a motor from the features that dsp.Motor describes. It is the
// first version, the one in the factory slot.
func Motor() Model { return motor(1, motorV1) }

// MotorV2 is the better successor of Motor: a larger network, trained on more motors.
func MotorV2() Model { return motor(2, motorV2) }

// Alarmist is a version of Motor that runs rightly and judges wrongly: it takes a healthy
// motor for one with a bearing fault. It is what an update must be taken back for.
func Alarmist() Model { return motor(7, motorV7) }

func motor(version int, file string) Model {
	return Model{
		Name:    "motor",
		Version: version,
		Data:    []byte(file),
		Labels:  []string{"off", "normal", "imbalance", "bearing"},
	}
}

// Models lists every embedded model.
func Models() []Model { return []Model{Motor(), MotorV2(), Alarmist()} }

// Find returns the first version of the model of a name.
func Find(name string) (Model, bool) {
	for _, m := range Models() {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}
