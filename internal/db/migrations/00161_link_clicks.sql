-- +goose Up
-- How often each link was followed in the days that are over, for the periods screens offer: what a list of links is
-- ranked by. Today is added from click_days, and so is whatever else a period differs by.
create table click_closings (              -- how far a workspace's days are closed
  workspace_id text primary key,
  zone text not null default '',           -- the zone click_days, click_places and click_months are cut in
  through text not null default '',        -- the last closed day; later clicks of closed days are added to both
  ready boolean not null default false     -- false while all links are counted
);
create table link_clicks (                 -- sums of click_days over the last 6, 27, 89, 364 closed days and all of them
  workspace_id text not null,
  link_id text not null,
  human_6 bigint not null default 0,
  human_27 bigint not null default 0,
  human_89 bigint not null default 0,
  human_364 bigint not null default 0,
  human_all bigint not null default 0,
  bot_6 bigint not null default 0,
  bot_27 bigint not null default 0,
  bot_89 bigint not null default 0,
  bot_364 bigint not null default 0,
  bot_all bigint not null default 0,
  preview_6 bigint not null default 0,
  preview_27 bigint not null default 0,
  preview_89 bigint not null default 0,
  preview_364 bigint not null default 0,
  preview_all bigint not null default 0,
  primary key (workspace_id, link_id)
);
create index links_by_campaign on links (workspace_id, campaign_id);
