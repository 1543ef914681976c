// Package lifecycle starts the services of a process in order and stops them in
// the reverse order, each within its own deadline.
//
// A service is a function that runs until its context ends. The first service
// that fails, or that ends without having been asked to, stops all of them. A
// service that does not stop in time is left behind and named, so that nothing
// waits for ever and nothing disappears silently: [Group.Wait] says what still
// runs.
//
// The package knows nothing of what the services do. It never handles signals
// (cmd does, through the context), never restarts a service (whoever needs that
// supervises inside its own Run) and never recovers a panic.
package lifecycle
