// Package sandbox is a local WeChat: it speaks the paths, shapes and error codes that package wechat uses, keeps
// every message it accepts in a file, and can be told to delay, refuse, fail or hang up. It is the provider of
// `muster up`, and what the tests count messages in.
//
// An accepted message is written to the file before it is answered, so that a killed process has forgotten nothing
// it said yes to. Memory does not grow with messages. It must never reach the network beyond its listener.
package sandbox
