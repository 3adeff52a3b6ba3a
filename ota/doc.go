// Package ota decides whether a new model may replace the present one, and
// replaces it atomically.
//
// An [Updater] follows the signed metadata of one repository (TUF clause 5.3),
// fetches the chunks of a newer model over a [Transport], has it proved by a
// [Trial], promotes it in one transaction, watches it through probation and
// takes it back by itself when a [Rules] threshold breaks or the host keeps
// crashing. At every instant each model has an active version: in the store, or
// the factory one given to [Open].
//
// The package does not know what a model computes: it neither parses nor runs
// one. Transports live in ota/mqtt, the publisher's side in ota/publish.
package ota
