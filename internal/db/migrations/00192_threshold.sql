-- +goose Up
-- Threshold actions (C31): when a metric of a post passes a value within some time, one thing is done, and only once.
create table threshold_actions (
  workspace_id text not null,
  id text not null,
  post_id text not null,
  metric text not null,                    -- of the dictionary
  value bigint not null,
  within bigint not null,                  -- microseconds after publication
  act text not null,                       -- repost, comment, finisher, boost
  words text not null default '',          -- of a comment or finisher
  state text not null,                     -- waiting, done, failed, expired, stopped
  reason text not null default '',         -- why it failed
  target_id text not null default '',      -- which target passed
  delivery_id text not null default '',    -- what carries it out; '' = a notice
  reached bigint,                          -- the value that passed
  created_by text not null,
  created_at bigint not null,
  ended_at bigint,
  primary key (workspace_id, id)
);
create index threshold_actions_by_post on threshold_actions (workspace_id, post_id);
create index threshold_actions_waiting on threshold_actions (workspace_id, post_id, metric) where state = 'waiting';
