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

-- How far the pull of activity of a profile came. source tells what it was pulled from: a watermark of another one means
-- nothing. covered_from is the time since when all activity has been seen, without a gap; empty before the first complete
-- pull, after which complete stays 1 until the source changes.
CREATE TABLE snsam_activity (
    profile TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    watermark BLOB,
    complete INTEGER NOT NULL DEFAULT 0,
    blind_spot INTEGER NOT NULL DEFAULT 0,
    method TEXT NOT NULL DEFAULT '',
    covered_from TEXT NOT NULL DEFAULT '',
    scanned_to TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- The organisation at the vendor in which the subscriptions of a profile were read last. Nothing is reclaimed in another.
CREATE TABLE snsam_tenant (
    profile TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
