-- +goose Up
create table deliveries (
  workspace_id text not null,
  id text not null,
  kind text not null,                      -- post, reply, edit, delete
  channel_id text not null,
  target_id text not null default '',
  message_id text not null default '',
  previous_id text not null default '',    -- the delivery this one retries
  state text not null,                     -- §4.2
  reason text not null default '',         -- why it is in this state, plain words
  hint text not null default '',           -- what to do next
  reason_code text not null default '',
  field text not null default '',
  draft text not null,                     -- JSON payload snapshot
  fingerprint text not null,               -- SHA-256 of the snapshot
  due_at bigint not null,
  next_at bigint,                          -- when the journal looks at it again; null = settled
  lease_owner text not null default '',
  lease_until bigint,
  fence bigint not null default 0,
  late_window bigint not null default 0,   -- microseconds after due_at; what has not begun by then is held
  attempt int not null default 0,          -- tries since the last accepted step
  polls int not null default 0,            -- polls of a pending step
  refreshed boolean not null default false, -- the one refresh after a 401 was used
  looked int not null default 0,           -- look-ups after an unknown outcome
  responsible_id text not null default '',
  created_by text not null,
  created_at bigint not null,
  accepted_at bigint,
  settled_at bigint,
  late_by bigint,                          -- microseconds from due_at to the public call
  remote_id text not null default '',
  url text not null default '',
  checked_at bigint,                       -- last read-back
  alerted_at bigint,                       -- somebody was told that it takes longer than a day
  primary key (workspace_id, id)
);
create index deliveries_next on deliveries (next_at);
create index deliveries_by_channel on deliveries (workspace_id, channel_id, next_at);
create index deliveries_by_state on deliveries (workspace_id, state, due_at);
create index deliveries_by_target on deliveries (workspace_id, target_id);
create index deliveries_by_message on deliveries (workspace_id, message_id);
create index deliveries_by_due on deliveries (workspace_id, due_at);
create table delivery_steps (
  workspace_id text not null,
  delivery_id text not null,
  position int not null,
  name text not null,
  part int not null,
  kind text not null,
  public boolean not null,
  key text not null default '',
  step text not null,                      -- JSON network.Step
  state text not null,                     -- waiting, sending, accepted, pending, rejected, later, unauthorised, unknown
  sent_at bigint,                          -- intent committed before the call
  ended_at bigint,
  doubt_at bigint,                         -- a call of this instant was never answered, and may still have an effect
  refused boolean not null default false,  -- its repetition was refused
  outcome text,                            -- JSON network.Outcome
  reason text not null default '',
  primary key (workspace_id, delivery_id, position)
);
create table attempts (
  workspace_id text not null,
  delivery_id text not null,
  id text not null,
  step text not null,
  fence bigint not null,
  started_at bigint not null,
  ended_at bigint,
  class text not null default '',          -- accepted, pending, rejected, later, unauthorised, unknown; found, absent, not_seen, failed; seen, gone
  detail text not null default '',         -- plain words and the folded original, no secrets
  primary key (workspace_id, delivery_id, id)
);
