-- +goose Up
create table workspaces (
  id text primary key,
  name text not null,
  zone text not null,
  currency text not null default 'EUR',
  week_start int not null default 1,
  test_mode boolean not null default false, -- never contacts real networks (C33)
  paused_until bigint,                      -- null = running; far future = until released
  paused_reason text not null default '',
  late_window bigint not null default 7200000000, -- microseconds (C29)
  audit_head text not null default '',      -- hash of the newest audit entry
  audit_count bigint not null default 0,    -- how many there are: cutting the end off shows, too
  second_factor boolean not null default false, -- members must have one (D10)
  settings text not null default '{}',
  created_at bigint not null
);
create table brands (
  workspace_id text not null references workspaces (id),
  id text not null,
  name text not null,
  zone text not null,
  currency text not null,
  colour text not null default '',
  link_domain text not null default '',
  signature text not null default '',
  created_at bigint not null,
  primary key (workspace_id, id)
);
create table members (
  workspace_id text not null references workspaces (id),
  user_id text not null references users (id),
  created_at bigint not null,
  removed_at bigint,
  mail text not null default 'must',       -- which notices are mailed: must, all
  primary key (workspace_id, user_id)
);
create index members_by_user on members (user_id);
create table member_roles (
  workspace_id text not null,
  user_id text not null,
  role text not null,
  brand_id text not null default '',       -- '' = every brand
  channel_id text not null default '',     -- '' = every channel
  primary key (workspace_id, user_id, role, brand_id, channel_id)
);
create table custom_roles (                -- any set of capabilities (D17)
  workspace_id text not null,
  id text not null,                        -- stands in member_roles.role
  name text not null,
  capabilities text not null,              -- JSON: capability to level
  created_at bigint not null,
  primary key (workspace_id, id)
);
create table invitations (
  workspace_id text not null,
  id text not null,
  email text not null,
  roles text not null,                     -- JSON list
  token_hash text not null unique,
  invited_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  accepted_at bigint,
  revoked_at bigint,
  primary key (workspace_id, id)
);
create table api_keys (
  workspace_id text not null,
  id text not null,
  user_id text not null,
  name text not null,
  token_hash text not null unique,
  prefix text not null,                    -- first characters, shown to recognise the key
  capabilities text not null,              -- JSON list, never above the user's own
  created_at bigint not null,
  expires_at bigint,
  used_at bigint,
  revoked_at bigint,
  primary key (workspace_id, id)
);
create table idempotency_keys (
  workspace_id text not null,
  key text not null,
  api_key_id text not null,
  fingerprint text not null,
  status int not null,                     -- 0 = in flight
  body bytea,
  created_at bigint not null,
  primary key (workspace_id, api_key_id, key)
);
create table audit_entries (
  workspace_id text not null,
  id text not null,
  position bigint not null,                -- 1, 2, 3 …: the order of the chain, whichever replica wrote
  at bigint not null,
  actor text not null,                     -- user id, "system", "rule:…", "key:…"
  action text not null,                    -- room.past_tense
  entity text not null,
  before_state text,
  after_state text,
  address text not null default '',
  previous_hash text not null,
  hash text not null,
  primary key (workspace_id, id)
);
create unique index audit_entries_by_position on audit_entries (workspace_id, position);
create index audit_entries_by_time on audit_entries (workspace_id, at);
create index audit_entries_by_entity on audit_entries (workspace_id, entity, id);
create table events (
  workspace_id text not null,
  id text not null,
  kind text not null,
  entity text not null,
  at bigint not null,
  actor text not null,
  data text not null,
  primary key (workspace_id, id)
);
create table event_outbox (
  workspace_id text not null,
  consumer text not null,
  event_id text not null,
  tries int not null default 0,
  next_at bigint not null,
  primary key (consumer, event_id, workspace_id)
);
create table notifications (
  workspace_id text not null,
  id text not null,
  user_id text not null,
  kind text not null,
  title text not null,
  body text not null,
  link text not null default '',
  entity text not null default '',
  source text not null default '',         -- what it tells about (an event id); a person is told once
  must boolean not null default false,     -- INV-03: cannot be muted
  created_at bigint not null,
  read_at bigint,
  mailed_at bigint,
  primary key (workspace_id, id)
);
create unique index notifications_by_source on notifications (workspace_id, user_id, source) where source <> '';
create index notifications_by_user on notifications (workspace_id, user_id, read_at, id);
