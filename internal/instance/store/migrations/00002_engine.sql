-- +goose Up
CREATE TABLE snsam_meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A lease lets one process do a job. epoch grows with every change of owner and fences off a former one; expires_at is in
-- Unix milliseconds.
CREATE TABLE snsam_lease (
    name TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;
