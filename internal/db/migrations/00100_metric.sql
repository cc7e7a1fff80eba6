-- +goose Up
create table snapshots (                   -- append-only values as the network gave them
  workspace_id text not null,
  scope text not null,                     -- target id or channel id
  metric text not null,
  at bigint not null,                      -- fetch time
  value bigint not null,
  source text not null default 'api',      -- api, file, manual, own
  provisional boolean not null default true,
  primary key (workspace_id, scope, metric, at)
);
create table latest_values (               -- newest snapshot per scope and metric
  workspace_id text not null,
  scope text not null,
  metric text not null,
  value bigint not null,
  at bigint not null,
  primary key (workspace_id, scope, metric)
);
create table channel_days (                -- roll-up per channel and day in the workspace's zone
  workspace_id text not null,
  channel_id text not null,
  day text not null,
  metric text not null,
  value bigint not null,
  at bigint not null,
  primary key (workspace_id, channel_id, day, metric)
);
create table measure_plans (               -- when each published target is measured next (§5.4 cadence)
  workspace_id text not null,
  target_id text not null,
  channel_id text not null,
  remote text not null,                    -- JSON network.Remote
  published_at bigint not null,
  next_at bigint,                          -- null = finished
  step int not null default 0,
  error text not null default '',
  primary key (workspace_id, target_id)
);
create index measure_plans_next on measure_plans (next_at);
create table annotations (workspace_id text not null, id text not null, at bigint not null, text text not null, actor text not null, automatic boolean not null default false, primary key (workspace_id, id));
create table sandbox_state (key text primary key, data bytea not null, at bigint not null);
