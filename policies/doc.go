// Package policies is the "whenever this event, then that command" rules: phones that
// wait for user ids are resolved, local files are read, groups that expire are archived.
//
// A policy decides nothing: it commands, and the command's handler may refuse. Each
// command's id is derived from the event that causes it, so that repetitions and any
// number of processes cause it once. A policy never changes an aggregate, and never
// reads the read model but through the small interfaces it is given.
package policies
