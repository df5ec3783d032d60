package sshexec

// Ready is how many sessions are open in advance.
func Ready(c *Client) int {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	return len(c.pool.ready)
}

// Lost is closed when the connection has ended.
func Lost(c *Client) <-chan struct{} { return c.lost }

// Full tells whether every session is in use and the limit is known.
func Full(c *Client) bool { return c.pool.full() }

// DockerReady is how many connections to Docker are open in advance.
func DockerReady(c *Client) int {
	c.docker.spares.mu.Lock()
	defer c.docker.spares.mu.Unlock()
	return len(c.docker.spares.have)
}

// DockerEnded is how many of these the engine has closed.
func DockerEnded(c *Client) int {
	c.docker.spares.mu.Lock()
	defer c.docker.spares.mu.Unlock()
	n := 0
	for _, s := range c.docker.spares.have {
		if k, ok := s.conn.(*conn); ok && len(k.filled) == 0 && closedNow(k) {
			n++
		}
	}
	return n
}

func closedNow(c *conn) bool {
	select {
	case _, ok := <-c.filled:
		return !ok
	default:
		return false
	}
}
