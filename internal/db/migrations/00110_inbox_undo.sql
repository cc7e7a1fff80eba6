-- +goose Up
-- What lets a person take back an act of triage, and a merge of contacts.
alter table conversations add column undo_key text not null default '';
alter table conversations add column undo text not null default ''; -- JSON: how it stood before and after
create index conversations_by_undo on conversations (workspace_id, undo_key) where undo_key <> '';
create index conversations_by_message on conversations (workspace_id, last_message_at);
create table contact_merges (
  workspace_id text not null,
  id text not null,
  from_id text not null,
  into_id text not null,
  moved text not null,                     -- JSON: ids of what changed hands, by table
  by text not null,
  at bigint not null,
  undone_at bigint,
  primary key (workspace_id, id)
);
create index contact_merges_by_into on contact_merges (workspace_id, into_id);
create index orders_by_contact on orders (workspace_id, contact_id);
create index reactions_by_contact on reactions (workspace_id, contact_id);
