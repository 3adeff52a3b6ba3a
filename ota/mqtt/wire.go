package mqtt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// maxTopic is the longest topic that is read out of a packet that is dropped.
const maxTopic = 1 << 10

// wire bounds what a broker may send: paho makes room for a packet of any length before
// it has come. A PUBLISH that is too long is read past, a piece at a time, and reported by
// its topic; any other packet that is too long ends the connection. (MQTT 3.1.1, 2.2.)
type wire struct {
	net.Conn
	r        *bufio.Reader
	max      int
	oversize func(topic string, size int)
	head     []byte // of the present packet, not yet handed on
	left     int    // bytes of its body
}

func newWire(conn net.Conn, limit int, oversize func(topic string, size int)) *wire {
	return &wire{Conn: conn, r: bufio.NewReaderSize(conn, 4<<10), max: limit, oversize: oversize}
}

// Read is for one goroutine, as paho uses it.
func (w *wire) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(w.head) == 0 && w.left == 0 {
		if err := w.next(); err != nil {
			return 0, err
		}
	}
	if len(w.head) > 0 {
		n := copy(p, w.head)
		w.head = w.head[n:]
		return n, nil
	}
	n, err := w.r.Read(p[:min(len(p), w.left)])
	w.left -= n
	return n, err
}

// next reads a fixed header.
func (w *wire) next() error {
	first, err := w.r.ReadByte()
	if err != nil {
		return err
	}
	head := []byte{first}
	size := 0
	for shift := 0; ; shift += 7 {
		if shift > 21 {
			return errors.New("mqtt: a packet's length takes more than 4 bytes")
		}
		b, err := w.r.ReadByte()
		if err != nil {
			return err
		}
		head = append(head, b)
		size |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
	}
	if size <= w.max {
		w.head, w.left = head, size
		return nil
	}
	if first>>4 != 3 {
		return fmt.Errorf("mqtt: packet type %d of %d bytes, at most %d", first>>4, size, w.max)
	}
	return w.drop(size)
}

func (w *wire) drop(size int) error {
	var n [2]byte
	if _, err := io.ReadFull(w.r, n[:]); err != nil {
		return err
	}
	length := int(binary.BigEndian.Uint16(n[:]))
	topic := make([]byte, min(length, maxTopic, size-2))
	if _, err := io.ReadFull(w.r, topic); err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, w.r, int64(size-2-len(topic))); err != nil {
		return err
	}
	if len(topic) == length {
		w.oversize(string(topic), size)
	}
	return nil
}
