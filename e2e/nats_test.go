package e2e

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// natsBinary is a plain nats-server of the version that muster embeds, built once.
var natsBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "muster-e2e-nats-")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "nats-server")
	if b, err := exec.Command("go", "build", "-o", out, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		return "", errors.New(string(b))
	}
	return out, nil
})

// natsServer is a plain nats-server on Muster's own nats.conf.
type natsServer struct {
	t    *testing.T
	url  string
	conf string
	cmd  *exec.Cmd
}

func startNATS(t *testing.T) *natsServer {
	t.Helper()
	conf, err := os.ReadFile("../nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := t.TempDir()
	text := strings.NewReplacer("127.0.0.1:4222", addr, `"data/nats"`, fmt.Sprintf("%q", filepath.Join(dir, "store"))).Replace(string(conf))
	if !strings.Contains(text, addr) || !strings.Contains(text, dir) {
		t.Fatal("nats.conf no longer names the address and the store that this test replaces")
	}
	n := &natsServer{t: t, url: "nats://" + addr, conf: filepath.Join(dir, "nats.conf")}
	if err := os.WriteFile(n.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n.run()
	t.Cleanup(n.kill)
	return n
}

// run starts the server and returns once it takes clients.
func (n *natsServer) run() {
	n.t.Helper()
	bin, err := natsBinary()
	if err != nil {
		n.t.Fatalf("build nats-server: %v", err)
	}
	n.cmd = exec.Command(bin, "-c", n.conf)
	out, err := n.cmd.StderrPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	ready := make(chan struct{})
	go func() {
		var once sync.Once
		for sc := bufio.NewScanner(out); sc.Scan(); {
			if strings.Contains(sc.Text(), "Server is ready") {
				once.Do(func() { close(ready) })
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(readyWithin):
		n.t.Fatal("nats-server is not ready")
	}
}

// kill ends the server as a power cut would.
func (n *natsServer) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}
