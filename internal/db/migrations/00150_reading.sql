-- +goose Up
-- What dashboards read stays small whatever the traffic: clicks by what their links carry, and indexes that hold the answer.
create table click_places (                -- roll-up, day in the workspace's zone, by where the links stand
  workspace_id text not null,
  day text not null,
  channel_id text not null,
  campaign_id text not null,
  kind text not null,
  n bigint not null,
  primary key (workspace_id, day, channel_id, campaign_id, kind)
);
insert into click_places (workspace_id, day, channel_id, campaign_id, kind, n)
  select d.workspace_id, d.day, l.channel_id, l.campaign_id, d.kind, sum(d.n) from click_days d join links l on l.workspace_id = d.workspace_id and l.id = d.link_id
  group by d.workspace_id, d.day, l.channel_id, l.campaign_id, d.kind;
create index orders_by_link on orders (workspace_id, link_id);
create index messages_by_time on messages (workspace_id, at, outbound, channel_id, reply_seconds, conversation_id);
drop index click_days_by_day;
create index click_days_by_day on click_days (workspace_id, day, link_id, kind, n);
create index conversations_by_campaign on conversations (workspace_id, campaign_id);
