-- +goose Up
-- Posts made outside Bellwether (C20): read from their networks, and kept as posts.
alter table posts add column origin text not null default '';             -- '' = written here, native = made outside and read from its network
alter table delivery_steps add column remote_id text not null default ''; -- of what the step made, so that it is known wherever it is met again
create index delivery_steps_by_remote on delivery_steps (workspace_id, remote_id) where remote_id <> '';
create index deliveries_by_remote on deliveries (workspace_id, channel_id, remote_id) where remote_id <> '';
create table sightings (                   -- posts met on a channel that may be what a delivery in doubt, or handed to a person, has made
  workspace_id text not null,
  channel_id text not null,
  remote_id text not null,
  delivery_id text not null,
  item text not null,                      -- JSON network.Live
  fit double precision not null,           -- how alike the texts are, 0 … 1
  seen_at bigint not null,
  primary key (workspace_id, channel_id, remote_id)
);
create index sightings_by_delivery on sightings (workspace_id, delivery_id);
create table native_readings (             -- how far each channel's own posts were read
  workspace_id text not null,
  channel_id text not null,
  cursor text not null default '',         -- where an unfinished reading goes on; '' = at the newest
  floor_at bigint not null,                -- a reading ends at what is older
  top_at bigint,                           -- the newest post met
  looked int not null default 0,           -- posts this reading has looked at
  next_at bigint,
  read_at bigint,
  error text not null default '',
  primary key (workspace_id, channel_id)
);
create index native_readings_next on native_readings (next_at);
alter table messages add column put_away text not null default '';        -- spam or trash, as a moderator chose
