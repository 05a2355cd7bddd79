CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    deployment TEXT NOT NULL,          -- 'D-12', '' for the team's
    kind       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         TEXT NOT NULL,
    body       TEXT NOT NULL,
    prev_hash  TEXT NOT NULL,
    hash       TEXT NOT NULL
);
CREATE INDEX events_by_deployment ON events (deployment, seq);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_grow_at_the_end BEFORE INSERT ON events -- REPLACE would delete without the trigger above
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
    OR NEW.prev_hash IS NOT coalesce((SELECT hash FROM events ORDER BY seq DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
BEGIN SELECT RAISE(ABORT, 'the ledger grows only at its end'); END;

CREATE TABLE ledger_head (             -- the last row of events: shows when rows at the end were cut off
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    seq      INTEGER NOT NULL,
    hash     TEXT NOT NULL
);
CREATE TRIGGER ledger_head_follows AFTER INSERT ON events
BEGIN INSERT OR REPLACE INTO ledger_head (only_row, seq, hash) VALUES (1, NEW.seq, NEW.hash); END;

CREATE TABLE deployments (             -- a summary of the ledger, written in the same transaction
    number   INTEGER PRIMARY KEY,
    service  TEXT NOT NULL,
    stage    TEXT NOT NULL,
    ended_at TEXT NOT NULL             -- '' while it is active
);
CREATE INDEX deployments_active ON deployments (number) WHERE ended_at = '';
CREATE INDEX deployments_ended ON deployments (ended_at, number) WHERE ended_at > '';
-- Not for rolling_back: a rollback of an older one must go through while a newer one deploys.
CREATE UNIQUE INDEX one_deployment_of_a_service_in_progress ON deployments (service) WHERE stage = 'deploying';

CREATE TABLE sign_offs (               -- a projection of the ledger
    deployment        TEXT NOT NULL,   -- 'D-12'
    revision          INTEGER NOT NULL,
    user_id           TEXT NOT NULL,
    name              TEXT NOT NULL,
    roles             TEXT NOT NULL,   -- 'product_lead,requestor'
    signed_on         TEXT NOT NULL,   -- '2026-11-24'
    recorded_at       TEXT NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('valid', 'withdrawn', 'superseded')),
    source            TEXT NOT NULL,
    permalink         TEXT NOT NULL,
    linear_comment_id TEXT NOT NULL
);
CREATE INDEX sign_offs_by_deployment ON sign_offs (deployment, state);

CREATE TABLE outbox (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    lane         TEXT NOT NULL,
    deployment   INTEGER NOT NULL,     -- 0 for none
    kind         TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'rejected')),
    created_at   TEXT NOT NULL,
    due          TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    in_hand      INTEGER NOT NULL DEFAULT 0, -- the courier may be saying it right now
    ambiguous    INTEGER NOT NULL DEFAULT 0, -- it may have been said already
    requested_by TEXT NOT NULL,
    remote       TEXT NOT NULL DEFAULT '',
    error        TEXT NOT NULL DEFAULT '',
    settled_at   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (lane, seq) WHERE state = 'waiting';

CREATE TABLE timers (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    deployment INTEGER NOT NULL,       -- 0 for the team's
    name       TEXT NOT NULL,
    due        TEXT NOT NULL,
    facts      TEXT NOT NULL,
    UNIQUE (deployment, name)
);
CREATE INDEX timers_by_due ON timers (due);

CREATE TABLE inbox (
    key     TEXT PRIMARY KEY,
    seen_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX inbox_by_age ON inbox (seen_at);

CREATE TABLE messages (
    deployment INTEGER NOT NULL,
    purpose    TEXT NOT NULL,
    channel    TEXT NOT NULL,
    ts         TEXT NOT NULL,
    PRIMARY KEY (deployment, purpose)
) WITHOUT ROWID;
CREATE INDEX messages_by_thread ON messages (channel, ts);

CREATE TABLE dead_letters (
    envelope_id TEXT NOT NULL,
    reason      TEXT NOT NULL,
    body        TEXT NOT NULL,
    at          TEXT NOT NULL
);

CREATE TABLE runbook (
    only_row   INTEGER PRIMARY KEY CHECK (only_row = 1),
    markdown   TEXT NOT NULL,
    source     TEXT NOT NULL,
    fetched_at TEXT NOT NULL
);
