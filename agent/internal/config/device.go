package config

// Device says who this is and where it keeps its state.
type Device struct {
	ID     string // one level of an MQTT topic
	State  string // directory of the store
	Socket string // of the commands; empty for none
}

func (d *Device) body() body {
	return body{keys: []key{
		{name: "id", doc: "this device's name, one level of MQTT topics", value: identifier(&d.ID, "kinglet")},
		{name: "state", doc: "the directory of the store of models", value: &textual{
			at: &d.State, def: "/var/lib/kinglet", want: "a directory", pattern: ".",
		}},
		{name: "socket", doc: `the UNIX socket of "kinglet status" and the other commands; "" for none`, value: &textual{
			at: &d.Socket, def: "/run/kinglet/kinglet.sock", want: "a file of at most 107 bytes", pattern: "^.{0,107}$",
		}},
	}}
}
