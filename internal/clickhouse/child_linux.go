package clickhouse

import "syscall"

// dieWithParent has the kernel kill the child when its parent dies, however it
// dies. Its own group keeps a terminal's Ctrl-C for the parent, which stops
// the child in order.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
