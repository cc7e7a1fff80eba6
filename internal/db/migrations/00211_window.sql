-- +goose Up
-- Until when a network lets a conversation be answered (E18): the next instant that takes something away, and the end.
alter table conversations add column answer_by bigint;
alter table conversations add column answer_end bigint;
create index conversations_by_window on conversations (workspace_id, answer_by) where answer_by is not null;
create index conversations_to_roll on conversations (answer_by) where answer_by < answer_end;
alter table deliveries add column expires_at bigint; -- what has not begun by then is refused
