-- +goose Up
create table captions (                    -- the words of a video's sound, one set for each language
  workspace_id text not null,
  asset_id text not null,
  language text not null,                  -- BCP 47
  cues int not null,
  vtt_bytes bigint not null,
  vtt_sha256 text not null,
  srt_bytes bigint not null,
  srt_sha256 text not null,
  created_by text not null,
  created_at bigint not null,
  primary key (workspace_id, asset_id, language)
);
create index captions_by_hash on captions (workspace_id, vtt_sha256);
create index captions_by_srt on captions (workspace_id, srt_sha256);
