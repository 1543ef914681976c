package imports

import (
	"context"

	"muster/commands"
	"muster/events"
	"muster/policies"
	"muster/sources"
)

// Local reads local files into uploads; it is the policies.LocalSource.
type Local struct {
	ingester  *Ingester
	files     *sources.Local
	settings  func(context.Context) (events.Settings, error)
	maxBytes  int64
	maxRecord int
}

// NewLocal makes one. settings are asked for with every file; limits are as in Request.
func NewLocal(in *Ingester, files *sources.Local, settings func(context.Context) (events.Settings, error), maxBytes int64, maxRecord int) *Local {
	return &Local{ingester: in, files: files, settings: settings, maxBytes: maxBytes, maxRecord: maxRecord}
}

// Ingest reads one file into an upload for a group.
func (l *Local) Ingest(ctx context.Context, req policies.IngestRequest) (commands.UploadSummary, error) {
	f, err := l.files.Open(ctx, req.Path)
	if err != nil {
		return commands.UploadSummary{}, err
	}
	defer f.Close()
	settings, err := l.settings(ctx)
	if err != nil {
		return commands.UploadSummary{}, err
	}
	content := events.TypeUploadIDs
	if req.Identity == "phone" {
		content = events.TypeUploadPhones
	}
	res, err := l.ingester.Ingest(ctx, Request{
		Biz: req.Biz, CommandID: req.CommandID, Actor: req.Actor, Correlation: req.Correlation,
		Target: events.TargetGroup, GroupID: req.Group, Content: content, Source: "local", Column: req.Column,
		ContentType: f.ContentType, Body: f, MaxBytes: l.maxBytes, MaxRecord: l.maxRecord, Settings: settings,
	})
	return res.Summary, err
}
