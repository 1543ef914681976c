package wire

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// checkedConn looks, before each write, whether the other side has hung up meanwhile. Without it a request on an
// idle connection that the server has closed would be written into the void and come out as unknown.
type checkedConn struct {
	net.Conn
	raw  syscall.RawConn
	used time.Time // last answer read
}

// fresh is how long after an answer a connection is taken to be alive: the look costs a system call.
const fresh = 5 * time.Millisecond

func checked(c net.Conn) net.Conn {
	s, ok := c.(syscall.Conn)
	if !ok {
		return c
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return c
	}
	return &checkedConn{Conn: c, raw: raw, used: time.Now()}
}

// Read reads an answer.
func (c *checkedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.used = time.Now()
	return n, err
}

// Write writes b unless the connection is dead already; then the error is of Op "write" and nothing has left.
func (c *checkedConn) Write(b []byte) (int, error) {
	if time.Since(c.used) < fresh {
		return c.Conn.Write(b)
	}
	dead := false
	err := c.raw.Control(func(fd uintptr) {
		var one [1]byte
		n, _, err := unix.Recvfrom(int(fd), one[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		switch {
		case err == nil:
			dead = n == 0
		case err == unix.EAGAIN || err == unix.EINTR: // nothing to read: it lives
		default:
			dead = true
		}
	})
	if err != nil || dead {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed}
	}
	return c.Conn.Write(b)
}
