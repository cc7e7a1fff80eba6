-- +goose Up
-- What was done to people's messages at their networks, by whom or by which hold, and what becomes of it.
create table acts (
  workspace_id text not null,
  id text not null,
  conversation_id text not null,
  message_id text not null,
  channel_id text not null,
  identity_id text not null default '',    -- who wrote the message
  act text not null,                       -- like … report; "flag" for what a hold only marked
  by_id text not null default '',          -- our member; '' = a hold
  hold_id text not null default '',
  why text not null default '',            -- the reason of a report, or what a hold found
  state text not null,                     -- queued, done, failed, unknown
  reason text not null default '',         -- why it failed
  delivery_id text not null default '',
  undo_key text not null default '',       -- acts that were carried out together
  kept text not null default '',           -- JSON: the message as it stood before it was deleted
  at bigint not null,
  settled_at bigint,
  primary key (workspace_id, id)
);
create index acts_by_time on acts (workspace_id, at, id);
create index acts_by_message on acts (workspace_id, message_id);
create index acts_by_delivery on acts (workspace_id, delivery_id) where delivery_id <> '';
create index acts_by_undo on acts (workspace_id, undo_key) where undo_key <> '';
create table silenced (                    -- whom a channel does not hear
  workspace_id text not null,
  channel_id text not null,
  identity_id text not null,
  muted boolean not null default false,
  blocked boolean not null default false,
  primary key (workspace_id, channel_id, identity_id)
);
create table holds (                       -- what is flagged or hidden by itself until a person has looked
  workspace_id text not null,
  id text not null,
  kind text not null,                      -- words, link, newcomer
  name text not null,
  language text not null default '',       -- of words; '' = any
  words text not null default '',          -- one a line
  hides boolean not null default false,    -- hide where the network can; else only flag
  enabled boolean not null default true,
  caught bigint not null default 0,
  primary key (workspace_id, id)
);
alter table messages add column flag text not null default '';       -- what a hold found
alter table messages add column private_id text not null default ''; -- our private answer to this message (E08)
create index messages_by_private on messages (workspace_id, private_id) where private_id <> '';
