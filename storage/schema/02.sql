CREATE TABLE people (                  -- the name somebody went by when they last acted, for reading without Slack
    user_id TEXT PRIMARY KEY,
    name    TEXT NOT NULL
) WITHOUT ROWID;
