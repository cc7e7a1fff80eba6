-- +goose Up
-- Budgets of calls (C28): what planned posts use of a network's caps, what was called, and what networks say is left.
create table cap_uses (
  workspace_id text not null,
  target_id text not null,
  cap text not null,                       -- network.Cap.Key
  n int not null,
  primary key (workspace_id, target_id, cap)
);
create table call_counts (                 -- append to the hour; swept after 35 days
  workspace_id text not null,
  channel_id text not null,
  hour bigint not null,                    -- begins, UTC
  endpoint text not null,                  -- method and path without what names one thing
  network text not null,
  calls int not null,
  refused int not null,                    -- answered with 429
  primary key (workspace_id, channel_id, hour, endpoint)
);
create index call_counts_by_hour on call_counts (hour);
create table call_limits (                 -- the network's own last word, by endpoint or for all of them
  workspace_id text not null,
  channel_id text not null,
  name text not null,
  limit_value int not null,
  remaining int not null,
  resets_at bigint,
  at bigint not null,
  primary key (workspace_id, channel_id, name)
);
