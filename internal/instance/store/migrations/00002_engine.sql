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

-- The licences that a run began to take, by the day (UTC) on which it did: what a daily maximum counts. Former days are
-- forgotten.
CREATE TABLE snsam_removal (
    candidate TEXT PRIMARY KEY,
    day TEXT NOT NULL
) WITHOUT ROWID;

-- What is needed to undo the reclaim of a candidate. content is sealed: the vendor's user id and snapshot, and the
-- subscription that the reclaim deletes. used_at is when a restore began to use it; empty before, and again after one that
-- the vendor refused. The row goes once the licence is back.
CREATE TABLE snsam_undo (
    candidate TEXT PRIMARY KEY,
    profile TEXT NOT NULL,
    content TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    used_at TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- The accounts of forgotten people that the vendor of a profile still lists, and that refreshes leave out. mark is a keyed
-- hash of the account's id; it goes when the vendor does not list the account any more.
CREATE TABLE snsam_forgotten (
    profile TEXT NOT NULL,
    mark TEXT NOT NULL,
    forgotten_at TEXT NOT NULL,
    PRIMARY KEY (profile, mark)
) WITHOUT ROWID;

-- The run table can only grow. The one exception is retention: rows from before the day in snsam_meta may be deleted, and
-- that day is there only within the transaction that deletes them.
-- +goose StatementBegin
CREATE TRIGGER tr_reclamation_run_update BEFORE UPDATE ON x_snsam_tf_reclamation_run
BEGIN
    SELECT RAISE(ABORT, 'reclamation runs are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tr_reclamation_run_delete BEFORE DELETE ON x_snsam_tf_reclamation_run
WHEN old.sys_created_on >= coalesce((SELECT value FROM snsam_meta WHERE key = 'evidence_expires'), '')
BEGIN
    SELECT RAISE(ABORT, 'reclamation runs are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tr_reclamation_run_item_update BEFORE UPDATE ON x_snsam_tf_reclamation_run_item
BEGIN
    SELECT RAISE(ABORT, 'reclamation runs are append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tr_reclamation_run_item_delete BEFORE DELETE ON x_snsam_tf_reclamation_run_item
WHEN old.sys_created_on >= coalesce((SELECT value FROM snsam_meta WHERE key = 'evidence_expires'), '')
BEGIN
    SELECT RAISE(ABORT, 'reclamation runs are append-only');
END;
-- +goose StatementEnd
