-- +goose Up
-- What dashboards add up: sums by day and month in the workspace's zone, made from the rows by package metric, which also
-- fills them for the rows that are there already. What has changed since is marked, and read from its rows meanwhile.
create table rollups (                     -- the zone a workspace's days are cut in; no row = nothing is rolled up yet
  workspace_id text primary key,
  zone text not null default '',           -- '' while everything is counted afresh
  making text not null default ''          -- who counts it
);
create table stale_days (                  -- something of this instant has changed since its day was rolled up
  workspace_id text not null,
  what text not null,                      -- posts, orders, conversions, messages
  at bigint not null,
  id text not null,
  primary key (workspace_id, what, at, id)
);
create table post_numbers (                -- a published target with its newest values; null = not delivered
  workspace_id text not null,
  target_id text not null,
  published_at bigint not null,
  brand_id text not null,
  channel_id text not null,
  campaign_id text not null,
  author_id text not null,
  impressions bigint,
  impressions_at bigint,                   -- when the network gave it
  reach bigint,
  reach_at bigint,
  likes bigint,
  likes_at bigint,
  comments bigint,
  comments_at bigint,
  shares bigint,
  shares_at bigint,
  saves bigint,
  saves_at bigint,
  primary key (workspace_id, target_id)
);
create index post_numbers_by_time on post_numbers (workspace_id, published_at);
create index post_numbers_by_campaign on post_numbers (workspace_id, campaign_id, published_at);
create table post_days (                   -- sums of post_numbers by the day or month of publication
  workspace_id text not null,
  grain text not null,                     -- day, month
  day text not null,                       -- YYYY-MM-DD; a month by its first
  brand_id text not null,
  channel_id text not null,
  campaign_id text not null,
  author_id text not null,
  posts bigint not null,
  published_at bigint not null,            -- the newest
  impressions bigint,
  impressions_n bigint not null,           -- posts that have the number
  impressions_at bigint,
  reach bigint,
  reach_n bigint not null,
  reach_at bigint,
  likes bigint,
  likes_n bigint not null,
  likes_at bigint,
  comments bigint,
  comments_n bigint not null,
  comments_at bigint,
  shares bigint,
  shares_n bigint not null,
  shares_at bigint,
  saves bigint,
  saves_n bigint not null,
  saves_at bigint,
  primary key (workspace_id, grain, day, brand_id, channel_id, campaign_id, author_id)
);
create index post_days_by_campaign on post_days (workspace_id, campaign_id, grain, day);
create table order_days (                  -- sums of orders by the day or month they were made
  workspace_id text not null,
  grain text not null,
  day text not null,
  currency text not null,
  channel_id text not null,                -- of the last touch
  campaign_id text not null,
  channel_group text not null,
  author_id text not null,                 -- of the post of the last touch
  orders bigint not null,
  amount_minor bigint not null,
  refund_minor bigint not null,
  created_at bigint not null,              -- the newest
  primary key (workspace_id, grain, day, currency, channel_id, campaign_id, channel_group, author_id)
);
create index order_days_by_campaign on order_days (workspace_id, campaign_id, grain, day);
create index orders_by_earner on orders (workspace_id, ordered_at, currency, target_id, channel_id, amount_minor, refund_minor);
drop index orders_by_campaign;
create index orders_by_campaign on orders (workspace_id, campaign_id, ordered_at);
create table conversion_days (             -- sums of conversions by their day or month
  workspace_id text not null,
  grain text not null,
  day text not null,
  currency text not null,
  channel_id text not null,
  campaign_id text not null,
  author_id text not null,
  conversions bigint not null,
  value_minor bigint not null,
  primary key (workspace_id, grain, day, currency, channel_id, campaign_id, author_id)
);
create index conversion_days_by_campaign on conversion_days (workspace_id, campaign_id, grain, day);
create index conversions_by_time on conversions (workspace_id, at);
create table message_days (                -- what people wrote, by the day or month they wrote it
  workspace_id text not null,
  grain text not null,
  day text not null,
  channel_id text not null,
  campaign_id text not null,               -- of the conversation
  messages bigint not null,
  primary key (workspace_id, grain, day, channel_id, campaign_id)
);
create index message_days_by_campaign on message_days (workspace_id, campaign_id, grain, day);
create table click_months (                -- click_places by month
  workspace_id text not null,
  day text not null,                       -- the month's first
  channel_id text not null,
  campaign_id text not null,
  kind text not null,
  n bigint not null,
  primary key (workspace_id, day, channel_id, campaign_id, kind)
);
insert into click_months (workspace_id, day, channel_id, campaign_id, kind, n)
  select workspace_id, substr(day, 1, 7) || '-01', channel_id, campaign_id, kind, sum(n) from click_places
  group by workspace_id, substr(day, 1, 7), channel_id, campaign_id, kind;
create index click_months_by_campaign on click_months (workspace_id, campaign_id, day, kind, n);
create index click_places_by_campaign on click_places (workspace_id, campaign_id, day, kind, n);
create index click_places_by_kind on click_places (workspace_id, kind, day, channel_id, campaign_id, n);
drop index conversations_by_inbound;
create index conversations_by_inbound on conversations (workspace_id, first_inbound_at, first_reply_at, state, channel_id, campaign_id);
create index channel_days_by_metric on channel_days (workspace_id, channel_id, metric, day, value, at);
