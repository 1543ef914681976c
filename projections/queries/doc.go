// Package queries answers questions from the read model: what the gateway shows, and
// what policies and sends look up.
//
// A question with options is a struct whose sql method gives the statement and its
// named arguments. Every question names its product line. Lists page by cursor and
// streams hold one shard at a time, so that memory never grows with what is asked
// for. Reads never wait; who needs an event to be in them calls WaitFor first.
//
// It must never write, never read another product line than the one named, and never
// put a value into SQL text.
package queries
