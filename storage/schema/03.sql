CREATE TABLE entries (                 -- whom an e-mail or user group of slipway.toml meant when Slack last knew it
    entry TEXT PRIMARY KEY,
    users TEXT NOT NULL                -- ids, with a space between two
) WITHOUT ROWID;
