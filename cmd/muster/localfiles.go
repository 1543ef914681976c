package main

import (
	"context"

	"muster/commands"
	"muster/events"
	"muster/imports"
	"muster/internal/config"
	"muster/policies"
	"muster/sources"
)

// localFiles reads the files of file/local groups into uploads.
type localFiles struct {
	cfg      *config.Config
	files    *sources.Local
	ingester *imports.Ingester
	settings func(context.Context) (events.Settings, error)
}

func newLocalFiles(cfg *config.Config, s *shared) (*localFiles, error) {
	files, err := sources.NewLocal(cfg.Files.Allow)
	if err != nil {
		return nil, err
	}
	return &localFiles{cfg: cfg, files: files, ingester: s.ingester, settings: s.settings}, nil
}

// Ingest implements policies.LocalSource.
func (l *localFiles) Ingest(ctx context.Context, req policies.IngestRequest) (commands.UploadSummary, error) {
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
	result, err := l.ingester.Ingest(ctx, imports.Request{
		Biz: req.Biz, UploadID: req.UploadID, Actor: req.Actor, Correlation: req.Correlation,
		Target: events.TargetGroup, GroupID: req.Group, Content: content, Source: "local", Column: req.Column,
		ContentType: f.ContentType, Body: f, MaxRecord: int(l.cfg.Limits.Line), Settings: settings,
	})
	return result.Summary, err
}
