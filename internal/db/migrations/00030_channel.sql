-- +goose Up
create table connections (                 -- one authorisation (grant) behind one or more channels
  workspace_id text not null,
  id text not null,
  network text not null,
  server text not null default '',
  grant_sealed text not null,
  scopes text not null default '[]',
  expires_at bigint,
  state text not null,                     -- connected, expiring, needs_reconnect, limited, revoked, disabled
  state_reason text not null default '',
  refresh_owner text not null default '',  -- the one lock per grant
  refresh_until bigint,
  checked_at bigint,
  created_by text not null,
  created_at bigint not null,
  primary key (workspace_id, id)
);
create table channels (
  workspace_id text not null,
  id text not null,
  brand_id text not null,
  connection_id text not null,
  network text not null,
  remote_id text not null,
  handle text not null,
  name text not null,
  url text not null,
  avatar_url text not null default '',
  account text not null,                   -- JSON network.Account incl. live limits
  zone text not null,
  defaults text not null default '{}',     -- JSON: settings, signature, hashtags, first comment
  responsible_id text not null default '', -- who answers for failures (C34)
  late_window bigint,                      -- null = the workspace's
  min_gap bigint not null default 0,
  paused_until bigint,
  paused_reason text not null default '',
  inbox_cursor text not null default '',
  inbox_at bigint,
  inbox_error text not null default '',
  created_at bigint not null,
  disconnected_at bigint,
  primary key (workspace_id, id)
);
create unique index channels_by_remote on channels (workspace_id, network, remote_id);
create table channel_sets (
  workspace_id text not null,
  id text not null,
  name text not null,
  channels text not null,                  -- JSON list of ids
  primary key (workspace_id, id)
);
create table connect_attempts (            -- OAuth state: one use, ten minutes, bound to session, workspace and network
  state_hash text primary key,
  workspace_id text not null,
  user_id text not null,
  session_hash text not null,
  network text not null,
  server text not null,
  brand_id text not null,
  keep_sealed text not null,
  expires_at bigint not null,
  used_at bigint
);
create table call_budgets (                -- quota used per channel and window
  workspace_id text not null,
  channel_id text not null,
  bucket text not null,
  window_start bigint not null,
  used int not null,
  limit_value int not null,
  primary key (workspace_id, channel_id, bucket, window_start)
);
create table contacts (
  workspace_id text not null,
  id text not null,
  name text not null,
  note text not null default '',
  tags text not null default '[]',
  vip boolean not null default false,
  merged_into text,
  created_at bigint not null,
  primary key (workspace_id, id)
);
create table identities (
  workspace_id text not null,
  id text not null,
  contact_id text not null,
  kind text not null,                      -- network key, email, phone, customer
  value text not null,                     -- remote id; e-mail and phone normalised
  handle text not null default '',
  name text not null default '',
  url text not null default '',
  avatar_url text not null default '',
  followers bigint not null default 0,
  source text not null,
  created_at bigint not null,
  primary key (workspace_id, id)
);
create unique index identities_by_value on identities (workspace_id, kind, value);
create index identities_by_contact on identities (workspace_id, contact_id);
