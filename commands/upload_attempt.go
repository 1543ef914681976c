package commands

import (
	"context"
	"strconv"
	"strings"

	"muster/events"
	"muster/internal/fault"
)

// Attempt is where the rows of one command are written. Each attempt at writing them
// has an upload of its own: what another process wrote, and may be about to command,
// is never begun again. Any number of attempts, and one stored command, which names
// the attempt that counts.
type Attempt struct {
	UploadID  string
	At        events.Version // write from here; zero for a new upload
	Completed *events.Event  // the command was carried out: there is nothing to write
}

// UploadLog is what the choice of an attempt needs of events.Store.
type UploadLog interface {
	Last(ctx context.Context, s events.Subject) (events.Event, error)
}

// NextAttempt finds the upload that was completed for a command, or else the one to
// write next: the first that nobody wrote, or that its writer abandoned. Whoever
// appends at another version than At lost it to somebody else.
func NextAttempt(ctx context.Context, log UploadLog, biz, command string) (Attempt, error) {
	for n := 1; ; n++ {
		a := Attempt{UploadID: attemptID(command, n)}
		last, err := log.Last(ctx, events.EventSubject(biz, aggUpload, a.UploadID))
		switch {
		case fault.Is(err, fault.NotFound):
			return a, nil
		case err != nil:
			return a, err
		case last.Type == events.TypeUploadCompleted:
			a.Completed = &last
			return a, nil
		case last.Type == events.TypeUploadAbandoned:
			a.At = last.At()
			return a, nil
		}
	}
}

// attemptID is the command's own id for the first attempt, then with -2, -3, ... behind it.
func attemptID(command string, n int) string {
	if n == 1 {
		return command
	}
	return command + "-" + strconv.Itoa(n)
}

// isAttempt says whether an upload is one of those that a command may complete.
func isAttempt(upload, command string) bool {
	rest, ok := strings.CutPrefix(upload, command)
	if !ok || rest == "" {
		return ok
	}
	n, err := strconv.Atoi(strings.TrimPrefix(rest, "-"))
	return err == nil && n > 1 && upload == attemptID(command, n)
}

// attemptOf is the upload that a command names, or the first of its own when it
// names one that is not its own, which its decider refuses.
func attemptOf(upload, command string) string {
	if isAttempt(upload, command) {
		return upload
	}
	return command
}
