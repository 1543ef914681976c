// Package sources reads what lies outside Muster: for now files of the machine it
// runs on, and only those below the directories that its operator allowed.
//
// It must never open a path that leads out of an allowed directory, whatever links
// or dots it holds, never anything but a regular file, and never show a path that
// the caller did not name.
package sources
