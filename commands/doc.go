// Package commands decides. Each command names an aggregate; its handler folds
// that aggregate from its events, decides, and appends the resulting events with the
// version it decided on. A refusal is an event too. Commands never read the read
// model, never import projections, and never call a provider.
package commands
