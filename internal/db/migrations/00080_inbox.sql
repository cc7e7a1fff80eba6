-- +goose Up
create table conversations (
  workspace_id text not null,
  id text not null,
  brand_id text not null,
  channel_id text not null,
  kind text not null,                      -- comment, mention, direct, review
  thread text not null,                    -- the network's id of the conversation
  contact_id text not null,
  target_id text not null default '',      -- our post it is about
  campaign_id text not null default '',
  previous_id text not null default '',
  state text not null,                     -- new, open, pending, snoozed, resolved, dismissed
  assignee_id text not null default '',
  snoozed_until bigint,
  first_inbound_at bigint,
  first_reply_at bigint,
  last_message_at bigint not null,
  last_inbound_at bigint,
  resolved_at bigint,
  preview text not null default '',
  tags text not null default '[]',
  unread boolean not null default true,
  version int not null default 1,
  primary key (workspace_id, id)
);
create index conversations_by_state on conversations (workspace_id, state, last_message_at);
create index conversations_by_thread on conversations (workspace_id, channel_id, thread);
create index conversations_by_contact on conversations (workspace_id, contact_id);
create index conversations_by_inbound on conversations (workspace_id, first_inbound_at);
create index conversations_by_target on conversations (workspace_id, target_id);
create table messages (
  workspace_id text not null,
  id text not null,
  conversation_id text not null,
  channel_id text not null,
  remote_id text not null,                 -- '' while an outbound message is unsent
  remote text not null default '{}',       -- JSON network.Remote
  reply_to text not null default '',
  outbound boolean not null,
  automatic boolean not null default false,
  author_id text not null default '',      -- our user for outbound ones
  identity_id text not null default '',
  text text not null,
  media text not null default '[]',
  at bigint not null,                      -- by the network
  received_at bigint not null,
  delivery_id text not null default '',
  state text not null default '',          -- outbound: queued, sending, sent, failed, unknown
  liked boolean not null default false,
  hidden boolean not null default false,
  removed_at bigint,
  reply_seconds bigint,                    -- inbound: time to the next human reply
  primary key (workspace_id, id)
);
create unique index messages_by_remote on messages (workspace_id, channel_id, remote_id) where remote_id <> '';
create index messages_by_conversation on messages (workspace_id, conversation_id, at);
create table notes (
  workspace_id text not null,
  id text not null,
  conversation_id text not null,
  author_id text not null,
  text text not null,
  at bigint not null,
  primary key (workspace_id, id)
);
create index notes_by_conversation on notes (workspace_id, conversation_id);
create table writing (                     -- who is answering what right now (E11)
  workspace_id text not null,
  conversation_id text not null,
  user_id text not null,
  until bigint not null,
  primary key (workspace_id, conversation_id)
);
create table saved_replies (workspace_id text not null, id text not null, name text not null, text text not null, language text not null default '', used int not null default 0, primary key (workspace_id, id));
create table reactions (
  workspace_id text not null,
  id text not null,
  channel_id text not null,
  remote_id text not null,
  kind text not null,
  contact_id text not null,
  target_id text not null default '',
  at bigint not null,
  primary key (workspace_id, id)
);
create unique index reactions_by_remote on reactions (workspace_id, channel_id, remote_id);
