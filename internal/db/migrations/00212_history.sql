-- +goose Up
-- What was said before a channel was connected is read in the background, as far back as its network allows (E22).
create table inbox_histories (
  workspace_id text not null,
  channel_id text not null,
  place text not null default '',          -- where reading goes on
  next_at bigint,                          -- null = read to its end
  error text not null default '',
  done_at bigint,
  primary key (workspace_id, channel_id)
);
create index inbox_histories_due on inbox_histories (next_at) where next_at is not null;
create table inbox_depths (
  workspace_id text not null,
  channel_id text not null,
  kind text not null,
  messages bigint not null,
  oldest_at bigint not null,
  primary key (workspace_id, channel_id, kind)
);
