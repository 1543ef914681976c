package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is one command of the walk-through and what the README says it prints.
type step struct{ command, output string }

// The README's walk-through, word for word, gives the output it prints.
func TestReadmeWalkThrough(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := stepsOf(string(readme))
	if len(steps) < 10 {
		t.Fatalf("the README has %d commands: the walk-through is gone", len(steps))
	}
	folder := t.TempDir()
	s := start(t, filepath.Join(folder, "data"))
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(bin, filepath.Join(folder, "bin", "muster")); err != nil {
		t.Fatal(err)
	}
	for _, st := range steps {
		// The README's addresses are the defaults; here free ports stand in for them.
		line := strings.NewReplacer("http://127.0.0.1:8080", s.endpoints.HTTP, "http://127.0.0.1:8090", s.endpoints.Sandbox).Replace(st.command)
		cmd := exec.Command("bash", "-c", line)
		cmd.Dir = folder
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("$ %s: %v", st.command, err)
		}
		if got, want := stable(string(out)), stable(st.output); got != want {
			t.Errorf("$ %s\nprints\n%s\nand not, as the README says,\n%s", st.command, got, want)
		}
		if strings.HasPrefix(st.command, "kill -9") {
			<-s.done
			s.restart()
		}
	}
}

// stepsOf takes the commands and their outputs out of the console blocks.
func stepsOf(readme string) (steps []step) {
	for i, block := range strings.Split(readme, "```") {
		body, ok := strings.CutPrefix(block, "console\n")
		if i%2 == 0 || !ok {
			continue
		}
		for line := range strings.Lines(body) {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				steps = append(steps, step{command: strings.TrimSpace(command)})
			} else {
				steps[len(steps)-1].output += line
			}
		}
	}
	return steps
}

var varying = regexp.MustCompile(`(?m)^(command_id|took_ms|\w+_at)(\s+).*$`)

// stable masks what differs from run to run.
func stable(output string) string {
	return strings.TrimSpace(varying.ReplaceAllString(output, "$1$2*"))
}
