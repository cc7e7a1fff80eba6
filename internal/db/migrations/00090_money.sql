-- +goose Up
create table link_domains (workspace_id text not null, host text not null, verified_at bigint, token text not null default '', primary key (host));
create table links (
  workspace_id text not null,
  id text not null,
  brand_id text not null,
  host text not null default '',           -- '' = the instance's own address
  slug text not null,
  url text not null,                       -- full destination with UTM
  campaign_id text not null default '',
  post_id text not null default '',
  target_id text not null default '',
  channel_id text not null default '',
  part int not null default 0,
  title text not null default '',
  created_by text not null,
  created_at bigint not null,
  expires_at bigint,
  disabled_at bigint,
  primary key (workspace_id, id)
);
create unique index links_by_slug on links (host, slug);
create index links_by_target on links (workspace_id, target_id);
create index links_by_post on links (workspace_id, post_id);
create table clicks (                      -- append-only, written in group commits
  workspace_id text not null,
  id text not null,
  link_id text not null,
  at bigint not null,
  kind text not null,                      -- human, bot, preview, repeat
  visitor text not null default '',
  referrer text not null default '',
  agent_family text not null default '',
  device text not null default '',
  country text not null default '',
  primary key (workspace_id, id)
);
create index clicks_by_link on clicks (workspace_id, link_id, at);
create table click_days (                  -- roll-up, day in the workspace's zone
  workspace_id text not null,
  link_id text not null,
  day text not null,
  kind text not null,
  n bigint not null,
  primary key (workspace_id, link_id, day, kind)
);
create index click_days_by_day on click_days (workspace_id, day);
create table sites (
  workspace_id text not null,
  id text not null,
  name text not null,
  origins text not null,                   -- JSON list of allowed origins
  key text not null unique,                -- public write key
  mode text not null default 'cookieless', -- cookieless, statistics
  created_at bigint not null,
  primary key (workspace_id, id)
);
create table track_events (                -- append-only, written in group commits
  workspace_id text not null,
  id text not null,                        -- the sender's event id, or ours
  site_id text not null,
  name text not null,
  at bigint not null,
  received_at bigint not null,
  visitor text not null,
  visit text not null,
  contact_id text not null default '',
  url text not null default '',
  referrer text not null default '',
  source text not null default '',
  medium text not null default '',
  campaign text not null default '',
  content text not null default '',
  channel_group text not null default '',
  link_id text not null default '',        -- the short link that brought this visit
  value_minor bigint,
  currency text not null default '',
  kind text not null default 'human',
  via text not null default 'browser',     -- browser, server
  props text not null default '{}',
  primary key (workspace_id, site_id, name, id)
);
create index track_events_by_visitor on track_events (workspace_id, visitor, at);
create index track_events_by_time on track_events (workspace_id, at);
create table event_days (
  workspace_id text not null,
  site_id text not null,
  day text not null,
  name text not null,
  channel_group text not null,
  source text not null,
  n bigint not null,
  visits bigint not null,
  visitors bigint not null,
  value_minor bigint not null default 0,
  primary key (workspace_id, site_id, day, name, channel_group, source)
);
create table touchpoints (                 -- one attributable contact: a click on our link or a visit with a source
  workspace_id text not null,
  id text not null,
  visitor text not null,
  at bigint not null,
  kind text not null,                      -- click, visit, conversation
  channel_group text not null,
  source text not null default '',
  medium text not null default '',
  campaign text not null default '',
  campaign_id text not null default '',
  link_id text not null default '',
  target_id text not null default '',
  channel_id text not null default '',
  primary key (workspace_id, id)
);
create index touchpoints_by_visitor on touchpoints (workspace_id, visitor, at);
create table conversion_rules (
  workspace_id text not null,
  id text not null,
  event_name text not null,
  name text not null,
  counting text not null default 'every',  -- every, visit
  value_minor bigint,                      -- fixed value; null = the event's
  currency text not null default '',
  lookback_days int not null default 90,
  since bigint not null,
  ended_at bigint,
  primary key (workspace_id, id)
);
create table conversions (
  workspace_id text not null,
  id text not null,
  rule_id text not null,
  event_id text not null,
  visitor text not null,
  visit text not null,
  at bigint not null,
  value_minor bigint not null default 0,
  currency text not null default '',
  link_id text not null default '',        -- last touch
  target_id text not null default '',
  campaign_id text not null default '',
  channel_id text not null default '',
  channel_group text not null default '',
  primary key (workspace_id, id)
);
create unique index conversions_by_event on conversions (workspace_id, rule_id, event_id);
create table orders (
  workspace_id text not null,
  id text not null,
  shop text not null default '',
  order_id text not null,                  -- the shop's number: idempotent
  customer text not null default '',
  contact_id text not null default '',
  visitor text not null default '',
  ordered_at bigint not null,
  amount_minor bigint not null,            -- paid value without tax
  currency text not null,
  tax_minor bigint not null default 0,
  shipping_minor bigint not null default 0,
  discount_minor bigint not null default 0,
  refund_minor bigint not null default 0,
  state text not null default 'paid',
  code text not null default '',           -- coupon or campaign code
  products text not null default '[]',
  source text not null,                    -- api, csv, sandbox
  created_at bigint not null,
  link_id text not null default '',        -- last touch, filled by attribution
  target_id text not null default '',
  post_id text not null default '',
  campaign_id text not null default '',
  channel_id text not null default '',
  channel_group text not null default '',
  touch_at bigint,
  primary key (workspace_id, id)
);
create unique index orders_by_number on orders (workspace_id, shop, order_id);
create index orders_by_time on orders (workspace_id, ordered_at);
create index orders_by_target on orders (workspace_id, target_id);
create index orders_by_post on orders (workspace_id, post_id);
create index orders_by_channel on orders (workspace_id, channel_id, ordered_at);
create index track_events_by_contact on track_events (workspace_id, contact_id);
create index orders_by_campaign on orders (workspace_id, campaign_id);
create table import_rows (
  workspace_id text not null,
  import_id text not null,
  row_number int not null,
  raw text not null,
  state text not null,                     -- ok, duplicate, refused
  reason text not null default '',
  primary key (workspace_id, import_id, row_number)
);
create table imports (workspace_id text not null, id text not null, kind text not null, name text not null, state text not null, rows_total int not null default 0, rows_ok int not null default 0, rows_refused int not null default 0, mapping text not null default '{}', by_user text not null, at bigint not null, primary key (workspace_id, id));
create table exchange_rates (day text not null, currency text not null, base text not null, rate double precision not null, primary key (day, currency, base));
