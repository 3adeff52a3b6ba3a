package config

import "time"

// Updates follows a repository of models. Without a root there are none.
type Updates struct {
	Repository string
	Root       string   // file of the root document that this device trusts
	Healthy    Duration // a start that lives this long is no crash
	Trial      Duration // the longest that a trial may take
}

func (u *Updates) body() body {
	return body{keys: []key{
		{name: "repository", doc: "the publisher's repository, one level of MQTT topics", value: identifier(&u.Repository, "main")},
		{name: "root", doc: `the file of the root document to trust, as "kinglet keys init" writes it; "" takes no updates`, value: &textual{
			at: &u.Root, want: "a file",
		}},
		{name: "healthy", doc: "a start that lives this long is no crash", value: &duration{at: &u.Healthy, def: time.Minute, min: time.Millisecond, max: 24 * time.Hour}},
		{name: "trial", doc: "the longest that a trial may take", value: &duration{at: &u.Trial, def: 2 * time.Minute, min: time.Millisecond, max: 24 * time.Hour}},
	}}
}
