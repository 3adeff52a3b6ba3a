package publish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"kinglet/ota"
	"kinglet/ota/internal/chunk"
	"kinglet/ota/internal/tuf"
)

// maxDocument is the longest document that every broker and device takes.
const maxDocument = 120 << 10

// Build signs a push. Nothing is written or sent. A version that is not higher than the
// last one pushed is ErrVersion.
func (r *Repository) Build(p Push) (*Plan, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	last, pushed := r.state.Models[p.Model]
	if pushed && p.Version <= last.Version {
		return nil, fmt.Errorf("push %s version %d: version %d was pushed before: %w", p.Model, p.Version, last.Version, ErrVersion)
	}
	file, err := r.pack(p)
	if err != nil {
		return nil, fmt.Errorf("push %s version %d: %w", p.Model, p.Version, err)
	}

	targets := metadata.Targets()
	if r.state.Targets > 0 {
		if targets, err = targets.FromFile(docPath(r.dir, metadata.TARGETS, r.state.Targets)); err != nil {
			return nil, fmt.Errorf("targets %d: %w", r.state.Targets, err)
		}
	}
	if pushed {
		delete(targets.Signed.Targets, tuf.Path(p.Model, last.Version))
	}
	targets.Signed.Targets[tuf.Path(p.Model, p.Version)] = file.target

	next := r.state
	next.Models = maps.Clone(r.state.Models)
	next.Models[p.Model] = entry{Version: p.Version, Digest: file.digest, Chunks: file.names, Before: last.Chunks}
	plan := &Plan{Model: p.Model, Version: p.Version, Digest: file.digest, chunks: file.chunks}
	for _, name := range file.names {
		plan.add(ota.ChunkTopic(r.Name(), name), file.chunks[name])
	}
	if err := r.signAll(plan, next, targets); err != nil {
		return nil, fmt.Errorf("push %s version %d: %w", p.Model, p.Version, err)
	}
	plan.obsolete = r.obsolete(plan.state, last.Before)
	return plan, nil
}

func (p Push) check() error {
	switch {
	case !ota.ValidName(p.Model):
		return fmt.Errorf("push: model %.80q: want 1 to 64 of a-z, 0-9, '-', '_'", p.Model)
	case p.Version < 1:
		return fmt.Errorf("push %s: version %d: want at least 1", p.Model, p.Version)
	case len(p.Bytes) == 0:
		return fmt.Errorf("push %s version %d: the model is empty", p.Model, p.Version)
	case p.RunTime < 0 || p.MemoryBytes < 0:
		return fmt.Errorf("push %s version %d: negative budget", p.Model, p.Version)
	case p.Kinglet != "" && !ota.ValidVersion(p.Kinglet):
		return fmt.Errorf("push %s version %d: kinglet version %.40q: want the form 1.2.3", p.Model, p.Version, p.Kinglet)
	}
	return nil
}

// packed is a push cut into chunks.
type packed struct {
	digest string
	target *metadata.TargetFiles
	names  []string // index first, each digest once
	chunks map[string][]byte
}

func (r *Repository) pack(p Push) (*packed, error) {
	packer, err := chunk.NewPacker()
	if err != nil {
		return nil, err
	}
	out := &packed{digest: chunk.Digest(p.Bytes), chunks: map[string][]byte{}}
	keep := func(ref chunk.Ref, b []byte) {
		if _, have := out.chunks[ref.Digest]; !have {
			out.chunks[ref.Digest] = b
			out.names = append(out.names, ref.Digest)
		}
	}
	index := chunk.Index{Schema: chunk.IndexSchema, Model: packer.Split(p.Bytes, keep), Answers: packer.Split(p.Answers, keep)}
	raw, err := index.Encode()
	if err != nil {
		return nil, err
	}
	ref, b := packer.Pack(raw)
	if ref.Packed > chunk.MaxPacked {
		return nil, fmt.Errorf("the index of %d chunks takes %d bytes, at most %d", len(index.Model)+len(index.Answers), ref.Packed, chunk.MaxPacked)
	}
	keep(ref, b)

	operators := p.Operators
	if operators == nil {
		operators = []string{}
	}
	custom, err := json.Marshal(tuf.Custom{
		Schema: tuf.Schema, Model: p.Model, Version: p.Version,
		RunNS: int64(p.RunTime), MemoryBytes: p.MemoryBytes, Operators: operators, Kinglet: p.Kinglet,
		Encoding: tuf.EncodingChunks, Index: ref,
		Answers: tuf.File{SHA256: chunk.Digest(p.Answers), Length: int64(len(p.Answers))},
	})
	if err != nil {
		return nil, err
	}
	if out.target, err = metadata.TargetFile().FromBytes(tuf.Path(p.Model, p.Version), p.Bytes); err != nil {
		return nil, err
	}
	out.target.Custom = (*json.RawMessage)(&custom)
	return out, nil
}

// signAll signs targets, snapshot and timestamp, each one version on from r's state, and
// adds them and every root to the plan.
func (r *Repository) signAll(plan *Plan, next state, targets *metadata.Metadata[metadata.TargetsType]) error {
	now := r.o.Clock().UTC().Truncate(time.Second)
	if targets != nil {
		next.Targets++
		targets.Signed.Version = next.Targets
		targets.Signed.Expires = now.Add(r.o.Expiry.Targets)
		doc, err := sign(r.keys, metadata.TARGETS, targets)
		if err != nil {
			return err
		}
		plan.doc(r, metadata.TARGETS, next.Targets, doc)
	}
	targetsDoc, err := plan.find(r, metadata.TARGETS, next.Targets)
	if err != nil {
		return err
	}

	next.Snapshot++
	snapshot := metadata.Snapshot(now.Add(r.o.Expiry.Snapshot))
	snapshot.Signed.Version = next.Snapshot
	snapshot.Signed.Meta = map[string]*metadata.MetaFiles{"targets.json": describe(next.Targets, targetsDoc)}
	doc, err := sign(r.keys, metadata.SNAPSHOT, snapshot)
	if err != nil {
		return err
	}
	plan.doc(r, metadata.SNAPSHOT, next.Snapshot, doc)

	for n := int64(1); n <= next.Root; n++ {
		root, err := plan.find(r, metadata.ROOT, n)
		if err != nil {
			return err
		}
		plan.add(ota.MetaTopic(r.Name(), metadata.ROOT, n), root)
	}

	next.Timestamp++
	timestamp := metadata.Timestamp(now.Add(r.o.Expiry.Timestamp))
	timestamp.Signed.Version = next.Timestamp
	timestamp.Signed.Meta = map[string]*metadata.MetaFiles{"snapshot.json": describe(next.Snapshot, doc)}
	if doc, err = sign(r.keys, metadata.TIMESTAMP, timestamp); err != nil {
		return err
	}
	plan.docs = append(plan.docs, document{metadata.TIMESTAMP, next.Timestamp, doc})
	plan.add(ota.TimestampTopic(r.Name()), doc)
	plan.state = next
	for _, d := range plan.docs {
		if len(d.bytes) > maxDocument {
			return fmt.Errorf("%s takes %d bytes, at most %d: too many models in one repository", d.role, len(d.bytes), maxDocument)
		}
	}
	return nil
}

func describe(version int64, doc []byte) *metadata.MetaFiles {
	m := metadata.MetaFile(version)
	m.Length = int64(len(doc))
	m.Hashes = metadata.Hashes{"sha256": sum(doc)}
	return m
}

// leftover is a topic, and its file, that no device needs any more.
type leftover struct{ topic, file string }

// obsolete lists the chunks of the push before the last one, and the documents of four
// versions ago.
func (r *Repository) obsolete(next state, old []string) []leftover {
	needed := map[string]bool{}
	for _, e := range next.Models {
		for _, list := range [][]string{e.Chunks, e.Before} {
			for _, name := range list {
				needed[name] = true
			}
		}
	}
	var out []leftover
	for _, name := range old {
		if !needed[name] {
			out = append(out, leftover{ota.ChunkTopic(r.Name(), name), chunkPath(r.dir, name)})
		}
	}
	for role, n := range map[string]int64{metadata.SNAPSHOT: next.Snapshot - 4, metadata.TARGETS: next.Targets - 4} {
		if n > 0 {
			out = append(out, leftover{ota.MetaTopic(r.Name(), role, n), docPath(r.dir, role, n)})
		}
	}
	return out
}

func (p *Plan) add(topic string, payload []byte) {
	p.Messages = append(p.Messages, Message{Topic: topic, Payload: bytes.Clone(payload), Retained: true})
}

func (p *Plan) doc(r *Repository, role string, n int64, doc []byte) {
	p.docs = append(p.docs, document{role, n, doc})
	p.add(ota.MetaTopic(r.Name(), role, n), doc)
}
