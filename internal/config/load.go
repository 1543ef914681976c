package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"muster/internal/fault"
)

// DefaultFile is read if it is there and no other file is named.
const DefaultFile = "muster.yaml"

const (
	maxFile   = 1 << 20
	maxSecret = 4 << 10
)

// Override is a value from a flag.
type Override struct {
	Path  string // of the setting, nats.url for instance
	Value string // lists with commas
	Flag  string // as the user typed it: --nats
}

// Sources says where a configuration comes from.
type Sources struct {
	Mode  Mode
	File  string     // from --config; empty: MUSTER_CONFIG, else muster.yaml if there is one
	Env   []string   // as os.Environ gives it
	Flags []Override // only those the user typed
}

// Load merges the sources and validates the whole. The error is a fault of code
// invalid whose cause is [Problems]: all of them, in the order of the settings.
func Load(src Sources) (*Config, error) {
	l := &loader{config: Default(src.Mode), table: settings()}
	l.file(src)
	l.environment(src.Env)
	l.flags(src.Flags)
	l.secretFile()
	// What could not be read keeps its default, so the rest can be judged all the same.
	l.problems = append(l.problems, l.config.validate(l.broken)...)
	if len(l.problems) > 0 {
		return nil, &fault.Error{Code: fault.Invalid, Msg: headline(len(l.problems)), Err: l.problems}
	}
	return l.config, nil
}

func headline(n int) string {
	if n == 1 {
		return "the configuration has a problem"
	}
	return fmt.Sprintf("the configuration has %d problems", n)
}

type loader struct {
	config   *Config
	table    []setting
	problems Problems
	broken   []string // settings whose given value could not be read
}

// lookup finds the setting at path.
func (l *loader) lookup(path string) (setting, bool) {
	i := slices.IndexFunc(l.table, func(s setting) bool { return s.path == path })
	if i < 0 {
		return setting{}, false
	}
	return l.table[i], true
}

// set stores a value, or notes why not.
func (l *loader) set(s setting, values []string, origin string) {
	l.config.origins[s.path] = origin
	l.broken = slices.DeleteFunc(l.broken, func(p string) bool { return p == s.path })
	if err := s.set(l.config, values); err != nil {
		l.problems.add(s.path, origin, "%s", err)
		l.broken = append(l.broken, s.path)
	}
}

// setText stores a value that came as one text: lists have commas between their values.
func (l *loader) setText(s setting, text, origin string) {
	if !s.list {
		l.set(s, []string{text}, origin)
		return
	}
	l.set(s, splitList(text), origin)
}

func splitList(text string) []string {
	var values []string
	for v := range strings.SplitSeq(text, ",") {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return values
}

func (l *loader) file(src Sources) {
	name, asked := src.File, "--config"
	if name == "" {
		name, asked = envValue(src.Env, "MUSTER_CONFIG"), "MUSTER_CONFIG"
	}
	optional := name == ""
	if optional {
		name = DefaultFile
	}
	content, err := readBounded(name, maxFile)
	switch {
	case optional && errors.Is(err, fs.ErrNotExist):
	case optional && err != nil:
		l.problems.add("", name, "%s", err)
	case err != nil:
		l.problems.add("", asked, "%s", err)
	default:
		l.yaml(name, content)
	}
}

func (l *loader) environment(env []string) {
	for _, s := range l.table {
		if v, ok := envLookup(env, s.env()); ok {
			l.setText(s, v, s.env())
		}
	}
	// A name under one of our sections that is no setting is a slip of the pen. Others
	// are none of our business: MUSTER_URL and MUSTER_KEY are for the client commands,
	// and Kubernetes makes up MUSTER_PORT_... and MUSTER_SERVICE_... by itself.
	for _, pair := range slices.Sorted(slices.Values(env)) {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "MUSTER_") || slices.ContainsFunc(l.table, func(s setting) bool { return s.env() == name }) {
			continue
		}
		for _, section := range sections(l.table) {
			if strings.HasPrefix(name, "MUSTER_"+strings.ToUpper(section)+"_") {
				l.problems.add("", name, "there is no such setting%s", l.hint(settingPath(name)))
			}
		}
	}
}

// sections are the first parts of the paths that have more than one.
func sections(table []setting) []string {
	var out []string
	for _, s := range table {
		first, _, nested := strings.Cut(s.path, ".")
		if nested && !slices.Contains(out, first) {
			out = append(out, first)
		}
	}
	return out
}

func settingPath(env string) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(env, "MUSTER_"), "_", "."))
}

func (l *loader) flags(flags []Override) {
	for _, f := range flags {
		s, ok := l.lookup(f.Path)
		switch {
		case !ok:
			l.problems.add(f.Path, f.Flag, "there is no such setting%s", l.hint(f.Path))
		case s.hidden:
			l.problems.add(f.Path, f.Flag, "a secret is not taken from a flag, where others see it: use %s or a file", s.env())
		default:
			l.setText(s, f.Value, f.Flag)
		}
	}
}

// secretFile reads the secret that a file holds.
func (l *loader) secretFile() {
	w := &l.config.Channels.WeChat
	if w.SecretFile == "" {
		return
	}
	const path = "channels.wechat.secret_file"
	origin := l.config.origin(path)
	if !w.Secret.Empty() {
		l.problems.add(path, origin, "channels.wechat.secret is given too (%s): keep one of them",
			l.config.origin("channels.wechat.secret"))
		return
	}
	content, err := readBounded(w.SecretFile, maxSecret)
	if err != nil {
		l.problems.add(path, origin, "%s", err)
		return
	}
	w.Secret = Secret{strings.TrimSpace(string(content))}
	if w.Secret.Empty() {
		l.problems.add(path, origin, "%s is empty", w.SecretFile)
	}
}

// readBounded reads a small file; what is larger than limit bytes is refused.
func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > limit {
		return nil, fmt.Errorf("%s is larger than %s", name, Size(limit))
	}
	return content, nil
}

func envValue(env []string, name string) string {
	v, _ := envLookup(env, name)
	return v
}

// envLookup finds the last value of name, as the shell would have it.
func envLookup(env []string, name string) (string, bool) {
	for _, pair := range slices.Backward(env) {
		if n, v, ok := strings.Cut(pair, "="); ok && n == name {
			return v, true
		}
	}
	return "", false
}
