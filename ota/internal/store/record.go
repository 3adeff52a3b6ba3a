package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
)

// maxRecord bounds a record before it is parsed.
const maxRecord = 256 << 10

// encode gives a record its form on disk: CRC-32C of the JSON, big endian, then the JSON.
// bbolt itself does not notice a flipped bit in a value.
func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if len(text) > maxRecord {
		return nil, fmt.Errorf("record of %d bytes, at most %d", len(text), maxRecord)
	}
	sum := crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli))
	return append(binary.BigEndian.AppendUint32(nil, sum), text...), nil
}

// decode reads a record, which may be anything.
func decode(b []byte, v any) error {
	if len(b) < 4 || len(b) > maxRecord+4 {
		return fmt.Errorf("record of %d bytes: %w", len(b), ErrCorrupt)
	}
	if binary.BigEndian.Uint32(b) != crc32.Checksum(b[4:], crc32.MakeTable(crc32.Castagnoli)) {
		return fmt.Errorf("record with another checksum: %w", ErrCorrupt)
	}
	if err := json.Unmarshal(b[4:], v); err != nil {
		return fmt.Errorf("record: %w: %w", ErrCorrupt, err)
	}
	return nil
}
