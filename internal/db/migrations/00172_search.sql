-- +goose Up
create unique index search_docs_by_id on search_docs (workspace_id, kind, id);
create table search_pending (              -- what the index does not hold yet; emptied when the program starts
  workspace_id text not null,
  kind text not null,                      -- conversation, contact, post
  id text not null,
  rank bigint not null,                    -- the smallest first
  primary key (workspace_id, kind, id)
);
create index search_pending_by_rank on search_pending (kind, rank);
insert into search_pending (workspace_id, kind, id, rank) select workspace_id, 'conversation', id, last_message_at from conversations;
insert into search_pending (workspace_id, kind, id, rank) select workspace_id, 'contact', id, created_at from contacts;
insert into search_pending (workspace_id, kind, id, rank) select workspace_id, 'post', id, created_at from posts;
