-- +goose Up
create table audiences (                   -- who a channel's public is: one reading a day at most
  workspace_id text not null,
  channel_id text not null,
  day text not null,                       -- YYYY-MM-DD in the workspace's zone
  at bigint not null,                      -- when it was read
  found text not null,                     -- JSON network.Audience, as the network told it
  primary key (workspace_id, channel_id, day)
);
create table audience_plans (              -- when each channel's public is read next
  workspace_id text not null,
  channel_id text not null,
  next_at bigint not null,
  error text not null default '',          -- why the last reading brought nothing
  primary key (workspace_id, channel_id)
);
create table retentions (                  -- the newest retention curve of a video
  workspace_id text not null,
  target_id text not null,
  at bigint not null,
  curve text not null,                     -- JSON list of network.Watched
  primary key (workspace_id, target_id)
);
alter table measure_plans add column perishes_at bigint;  -- null = the numbers stay
alter table measure_plans add column measured_at bigint;  -- the last reading that brought numbers
alter table measure_plans add column missed_at bigint;    -- when numbers that vanish were lost
