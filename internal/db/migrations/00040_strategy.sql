-- +goose Up
create table goals (
  workspace_id text not null,
  id text not null,
  brand_id text not null,
  name text not null,
  metric text not null,                    -- id of the dictionary, e.g. M-REV
  baseline bigint not null default 0,
  target bigint not null,
  currency text not null default '',
  starts_at bigint not null,
  ends_at bigint not null,
  zone text not null,
  owner_id text not null,
  weight int not null default 100,
  scope_channels text not null default '[]',
  campaign_id text not null default '',
  state text not null,                     -- draft, active, achieved, missed, cancelled
  health text not null default '',
  note text not null default '',
  created_at bigint not null,
  version int not null default 1,
  primary key (workspace_id, id)
);
create table goal_changes (workspace_id text not null, id text not null, goal_id text not null, at bigint not null, actor text not null, target_before bigint, target_after bigint, reason text not null default '', primary key (workspace_id, id));
create table campaigns (
  workspace_id text not null,
  id text not null,
  brand_id text not null,
  name text not null,
  message text not null default '',
  utm_campaign text not null,
  colour text not null default '',
  starts_at bigint,
  ends_at bigint,
  zone text not null,
  owner_id text not null,
  budget_minor bigint not null default 0,
  currency text not null,
  state text not null,                     -- draft, active, closed
  created_at bigint not null,
  version int not null default 1,
  primary key (workspace_id, id)
);
create unique index campaigns_by_utm on campaigns (workspace_id, utm_campaign);
create table cadences (
  workspace_id text not null,
  id text not null,
  channel_id text not null,
  per text not null,                       -- day, week, month
  posts int not null,
  primary key (workspace_id, id)
);
