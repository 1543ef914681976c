//go:build !linux

package clickhouse

import "syscall"

// dieWithParent keeps a terminal's Ctrl-C for the parent. That the child dies
// with its parent is left to the end of its standard input.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
