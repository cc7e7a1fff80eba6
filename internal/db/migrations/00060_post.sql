-- +goose Up
create table posts (
  workspace_id text not null,
  id text not null,
  brand_id text not null,
  campaign_id text not null default '',
  title text not null default '',
  state text not null,                     -- §4.1, derived from its targets once scheduled
  base text not null,                      -- JSON post.Content
  tags text not null default '[]',
  author_id text not null,
  recurrence_id text not null default '',
  version int not null default 1,
  created_at bigint not null,
  updated_at bigint not null,
  trashed_at bigint,
  archived_at bigint,
  primary key (workspace_id, id)
);
create index posts_by_state on posts (workspace_id, state, updated_at);
create index posts_by_campaign on posts (workspace_id, campaign_id, id);
create table variants (                    -- what one channel gets; absent = follows the base
  workspace_id text not null,
  post_id text not null,
  channel_id text not null,
  content text,                            -- JSON post.Content, null = follows the base
  settings text not null default '{}',     -- JSON network settings
  primary key (workspace_id, post_id, channel_id)
);
create table post_versions (
  workspace_id text not null,
  post_id text not null,
  version int not null,
  snapshot text not null,                  -- JSON of base and variants
  by_user text not null,
  at bigint not null,
  note text not null default '',
  primary key (workspace_id, post_id, version)
);
create table targets (                     -- one post × one channel × one planned time
  workspace_id text not null,
  id text not null,
  post_id text not null,
  channel_id text not null,
  state text not null,                     -- draft, scheduled, held, publishing, published, partly_published, failed, needs_human, cancelled, removed
  due_at bigint,                           -- UTC; null while unscheduled
  wall text not null default '',           -- the chosen wall-clock time, 2027-03-28T10:00
  zone text not null default '',
  slot_id text not null default '',        -- from the queue
  queue_rank double precision not null default 0,
  held_reason text not null default '',
  responsible_id text not null default '',
  delivery_id text not null default '',    -- the latest delivery
  remote_id text not null default '',
  url text not null default '',
  published_at bigint,
  text_fingerprint text not null default '',
  text_plain text not null default '',     -- first part as sent, for lists and duplicate checks
  primary key (workspace_id, id)
);
create index targets_due on targets (state, due_at);
create index targets_by_time on targets (workspace_id, due_at);
create index targets_by_post on targets (workspace_id, post_id);
create index targets_by_channel on targets (workspace_id, channel_id, due_at);
create index targets_by_publication on targets (workspace_id, published_at);
create index targets_by_remote on targets (workspace_id, channel_id, remote_id);
create table slots (
  workspace_id text not null,
  id text not null,
  channel_id text not null,
  weekday int not null,                    -- 0 Sunday … 6 Saturday
  minute int not null,                     -- of the day, wall clock in the channel's zone
  kind text not null default '',
  owner_id text not null default '',
  primary key (workspace_id, id)
);
create index slots_by_channel on slots (workspace_id, channel_id);
create table recurrences (
  workspace_id text not null,
  id text not null,
  post_id text not null,                   -- the pattern post
  rule text not null,                      -- RFC 5545
  wall text not null,                      -- first wall-clock time
  zone text not null,
  channels text not null,                  -- JSON list
  exceptions text not null default '{}',   -- JSON: instance wall time → "skip" or moved wall time
  until_at bigint,
  generated_to bigint,
  created_by text not null,
  stopped_at bigint,
  primary key (workspace_id, id)
);
create table blackouts (
  workspace_id text not null,
  id text not null,
  name text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  channels text not null default '[]',     -- empty = all
  primary key (workspace_id, id)
);
create table saved_views (workspace_id text not null, id text not null, user_id text not null, screen text not null, name text not null, query text not null, shared boolean not null default false, primary key (workspace_id, id));
