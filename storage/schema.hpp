#pragma once

#include <array>

namespace slipway::storage {

/// Migrations, oldest first: `PRAGMA user_version` counts those already applied. Never edit one that was
/// released.
inline constexpr std::array migrations{
    R"sql(
CREATE TABLE events (
    seq        INTEGER PRIMARY KEY,
    deployment TEXT NOT NULL,          -- 'D-12', '' for the team's
    kind       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         TEXT NOT NULL,
    body       TEXT NOT NULL,
    prev_hash  TEXT NOT NULL,
    hash       TEXT NOT NULL UNIQUE
);
CREATE INDEX events_by_deployment ON events (deployment, seq);
CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TABLE deployments (             -- a summary of the ledger, written in the same transaction
    number   INTEGER PRIMARY KEY,
    service  TEXT NOT NULL,
    stage    TEXT NOT NULL,
    ended    INTEGER NOT NULL
);
CREATE INDEX deployments_active ON deployments (number) WHERE ended = 0;
CREATE INDEX deployments_ended ON deployments (number) WHERE ended = 1;
CREATE UNIQUE INDEX one_deployment_of_a_service_in_progress ON deployments (service)
    WHERE stage IN ('deploying', 'rolling back');

CREATE TABLE sign_offs (               -- a projection of the ledger
    deployment        TEXT NOT NULL,
    revision          INTEGER NOT NULL,
    user_id           TEXT NOT NULL,
    name              TEXT NOT NULL,
    roles             TEXT NOT NULL,   -- 'product_lead,requestor'
    signed_on         TEXT NOT NULL,
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
    deployment   INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'rejected')),
    created_at   TEXT NOT NULL,
    due          TEXT NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    ambiguous    INTEGER NOT NULL DEFAULT 0,
    requested_by TEXT NOT NULL,
    remote       TEXT NOT NULL DEFAULT '',
    error        TEXT NOT NULL DEFAULT '',
    settled_at   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (lane, seq) WHERE state = 'waiting';

CREATE TABLE timers (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    deployment INTEGER NOT NULL,
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
)sql",
};

}  // namespace slipway::storage
