-- +goose Up
alter table channels add column news_at bigint;                          -- when the network last said that it calls us with this account's news; null = never
alter table channels add column news_problem text not null default '';   -- why it does not
