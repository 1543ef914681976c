package clickhouse_test

import (
	"os"
	osexec "os/exec"
	"testing"
)

// command runs the test binary in another role.
func command(t *testing.T, role string, args ...string) *osexec.Cmd {
	t.Helper()
	cmd := osexec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), childEnv+"="+role)
	cmd.Stderr = t.Output()
	return cmd
}
