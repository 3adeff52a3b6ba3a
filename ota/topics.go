package ota

import "strconv"

// Prefix begins every topic.
const Prefix = "kinglet/"

// TimestampTopic has a repository's timestamp document: retained, published last.
func TimestampTopic(repository string) string {
	return Prefix + "r/" + repository + "/meta/timestamp"
}

// MetaTopic has version n of a repository's role: "root", "targets" or "snapshot".
func MetaTopic(repository, role string, n int64) string {
	return Prefix + "r/" + repository + "/meta/" + strconv.FormatInt(n, 10) + "." + role
}

// ChunkTopic has the chunk of that digest (hexadecimal sha256 of the payload).
func ChunkTopic(repository, digest string) string {
	return Prefix + "r/" + repository + "/chunk/" + digest
}

// ModelTopic has a device's status of one model, retained.
func ModelTopic(device, model string) string {
	return Prefix + "d/" + device + "/model/" + model
}

// DeviceTopic is <prefix>d/<device>/<rest>.
func DeviceTopic(device, rest string) string {
	return Prefix + "d/" + device + "/" + rest
}
