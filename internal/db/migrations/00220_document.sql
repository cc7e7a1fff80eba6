-- +goose Up
alter table assets add column pages int not null default 0;  -- of a document; 0 = it has none
