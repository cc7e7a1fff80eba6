-- +goose Up
create table assets (
  workspace_id text not null,
  id text not null,
  brand_id text not null default '',
  name text not null,
  kind text not null,                      -- image, gif, video, audio, document
  mime text not null,
  bytes bigint not null,
  width int not null default 0,
  height int not null default 0,
  duration bigint not null default 0,      -- microseconds
  sha256 text not null,                    -- of the stripped file
  blob_key text not null,
  original_sha256 text not null,           -- of the file as it was uploaded
  original_key text not null,
  alt text not null default '',
  focus_x double precision not null default 0,
  focus_y double precision not null default 0,
  tags text not null default '[]',
  created_by text not null,
  created_at bigint not null,
  trashed_at bigint,
  primary key (workspace_id, id)
);
create index assets_by_hash on assets (workspace_id, sha256);
create index assets_by_original on assets (workspace_id, original_sha256);
create table renditions (
  workspace_id text not null,
  asset_id text not null,
  profile text not null,                   -- network and limits this derivative was made for
  mime text not null,
  bytes bigint not null,
  width int not null,
  height int not null,
  sha256 text not null,
  blob_key text not null,
  created_at bigint not null,
  primary key (workspace_id, asset_id, profile)
);
create table uploads (
  workspace_id text not null,
  id text not null,
  user_id text not null,
  brand_id text not null default '',
  name text not null,
  bytes bigint not null,
  received bigint not null default 0,
  created_at bigint not null,
  primary key (workspace_id, id)
);
