package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// yaml takes the values of a file. It walks the document itself, so that every
// key that is unknown, doubled or of the wrong shape is told with its line, and
// not only the first.
func (l *loader) yaml(name string, content []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var doc, second yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return // empty, or nothing but comments
	} else if err != nil {
		l.problems.add("", name, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		l.problems.add("", name, "want one document, found more after ---")
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return
	}
	l.mapping(name, "", root)
}

// mapping takes the keys below path.
func (l *loader) mapping(file, path string, node *yaml.Node) {
	if node.Kind != yaml.MappingNode {
		l.problems.add(path, at(file, node), "want keys with values, found %s", shape(node))
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		full := strings.TrimPrefix(path+"."+key.Value, ".")
		if before, twice := seen[key.Value]; twice {
			l.problems.add(full, at(file, key), "is given twice, first in line %d", before)
			continue
		}
		seen[key.Value] = key.Line
		l.key(file, full, key, value)
	}
}

func (l *loader) key(file, path string, key, value *yaml.Node) {
	s, isSetting := l.lookup(path)
	isSection := slices.ContainsFunc(l.table, func(s setting) bool { return strings.HasPrefix(s.path, path+".") })
	switch {
	case !isSetting && !isSection || key.Kind != yaml.ScalarNode:
		l.problems.add(path, at(file, key), "there is no such setting%s", l.hint(path))
	case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
		// `nats:` with nothing after it says nothing.
	case isSection:
		l.mapping(file, path, value)
	case value.Kind == yaml.ScalarNode:
		l.setText(s, value.Value, at(file, value))
	case value.Kind == yaml.SequenceNode && s.list:
		l.sequence(file, s, value)
	default:
		l.problems.add(path, at(file, value), "want a value, found %s", shape(value))
	}
}

func (l *loader) sequence(file string, s setting, node *yaml.Node) {
	values := make([]string, 0, len(node.Content))
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			l.problems.add(s.path, at(file, item), "want a list of values, found %s in it", shape(item))
			return
		}
		values = append(values, strings.TrimSpace(item.Value))
	}
	l.set(s, values, at(file, node))
}

func at(file string, node *yaml.Node) string { return fmt.Sprintf("%s:%d", file, node.Line) }

// shape names a node in the reader's words.
func shape(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias (*" + node.Value + ")"
	default:
		if node.Tag == "!!null" {
			return "nothing"
		}
		return "a plain value" // unnamed: it may be a secret in the wrong place
	}
}

// hint offers the setting that was probably meant: the same last part elsewhere,
// or a name that differs by a letter or two.
func (l *loader) hint(path string) string {
	last := path[strings.LastIndexByte(path, '.')+1:]
	best, bestCost := "", 3
	for _, s := range l.table {
		cost := distance(path, s.path)
		if own := s.path[strings.LastIndexByte(s.path, '.')+1:]; own == last && cost > 2 {
			cost = 2
		}
		if cost < bestCost {
			best, bestCost = s.path, cost
		}
	}
	if best == "" {
		return ""
	}
	return "; is " + best + " meant?"
}

// distance is Levenshtein's: how many letters are added, left out or changed.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(b)]
}
