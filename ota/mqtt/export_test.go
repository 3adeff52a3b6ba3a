package mqtt

import "net"

// conn is the present connection, for tests that cut it.
func (c *Client) conn() net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wire
}
