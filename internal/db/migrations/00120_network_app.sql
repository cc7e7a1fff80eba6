-- +goose Up
create table network_apps (                -- the application an operator registered with a network
  workspace_id text not null,
  network text not null,
  values_sealed text not null,             -- JSON by field key
  hook text not null,                      -- the secret part of the address the network calls
  updated_by text not null,
  updated_at bigint not null,
  primary key (workspace_id, network)
);
create unique index network_apps_by_hook on network_apps (hook);
create table network_calls (               -- calls of networks that were heard, so that a call sent again is heard once
  workspace_id text not null,
  network text not null,
  call_id text not null,
  heard_at bigint not null,
  primary key (workspace_id, network, call_id)
);
create index network_calls_by_age on network_calls (heard_at);
alter table connect_attempts add column opened_sealed text not null default '';  -- the grant and its accounts while a person chooses among them
