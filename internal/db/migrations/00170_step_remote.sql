-- +goose Up
-- What a public step made, so that no other delivery takes it for its own. Items of earlier steps are too old to be found.
alter table delivery_steps add column remote_id text not null default '';
create index delivery_steps_by_remote on delivery_steps (workspace_id, remote_id) where remote_id <> '';
