// Package e2e holds the stories: tests of the built binary through its doors, on
// real engines, from the first upload to the last message. It imports nothing of
// Muster but what tests share; what it cannot see from outside it does not assert.
package e2e
