package sshexec

// Ready is how many sessions are open in advance.
func Ready(c *Client) int {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	return len(c.pool.ready)
}

// Opened is how many sessions were ever opened.
func Opened(c *Client) int {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	return c.pool.opened
}

// Full tells whether every session is in use and the limit is known.
func Full(c *Client) bool { return c.pool.full() }
