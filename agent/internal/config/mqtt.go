package config

import (
	"net/url"
	"strconv"
	"strings"
)

// MQTT is the broker. Without one there are no updates and results stay in the log. What is
// secret never stands in the file: keys for it name a credential, a file or a variable.
type MQTT struct {
	Broker string // mqtt://host:port or mqtts://host:port
}

func (m *MQTT) body() body {
	return body{keys: []key{
		{name: "broker", doc: `the broker, mqtt://host:port, or mqtts:// for TLS; "" for none`, value: &textual{
			at: &m.Broker, want: wantBroker, pattern: "^((mqtt|tcp|mqtts|ssl|tls)://[^/]+/?)?$", mend: mendBroker, check: checkBroker,
		}},
	}}
}

const wantBroker = "mqtt://host:port or mqtts://host:port"

// checkBroker refuses what the pattern cannot. A password does not stand in the file, and
// is not repeated in messages.
func checkBroker(r *reader, path string, n *node) bool {
	u, err := url.Parse(n.text)
	switch {
	case strings.Contains(n.text, "@"):
		r.fail(n.at, path, "", "found a user or password in the URL, want "+wantBroker)
		r.problems[len(r.problems)-1].excerpt = ""
		return false
	case err != nil || n.text == "":
		return true // the pattern decides
	}
	port, err := strconv.Atoi(u.Port())
	if u.Scheme != "" && (u.Hostname() == "" || u.Port() != "" && (err != nil || port < 1 || port > 65535)) {
		r.fail(n.at, path, "", "found %s, want a host and a port from 1 to 65535: %s", n.describe(), wantBroker)
		return false
	}
	return true
}

// mendBroker returns the URL that was probably meant.
func mendBroker(s string) string {
	scheme, host, ok := strings.Cut(s, "://")
	if !ok {
		scheme, host = "mqtt", strings.TrimLeft(s, "/")
	}
	host, _, _ = strings.Cut(host, "/")
	if host == "" || strings.ContainsAny(host, " ?#") {
		return ""
	}
	switch scheme {
	case "https", "wss":
		return "mqtts://" + host
	}
	return "mqtt://" + host
}
