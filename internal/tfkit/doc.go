// Package tfkit holds what every resource and data source of this provider needs around the plugin framework: what the
// provider block hands down (Meta), pinned private state, identity, diagnostics and validators.
package tfkit
