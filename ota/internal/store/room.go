package store

import "fmt"

// spare is left on the disk and in the file: a transaction copies the pages it changes,
// with the chunks on them, so that even removing something takes room first.
const spare = 512 << 10

// Room tells whether n more bytes of chunks fit, free pages of the file included, with
// enough left to work; else the error wraps ErrFull and has the numbers.
func (m *Models) Room(n int64) error {
	if m.bolt == nil || m.readOnly {
		return fmt.Errorf("%s: %w", m.path, ErrReadOnly)
	}
	stats := m.bolt.Stats()
	have := free(m.path)
	if have < 0 {
		return nil
	}
	have += int64(stats.FreePageN+stats.PendingPageN) * int64(m.bolt.Info().PageSize)
	if n+spare > have {
		return fmt.Errorf("%s: %d bytes are needed and %d to work with, %d are free: %w", m.path, n, spare, have, ErrFull)
	}
	return nil
}
