-- +goose Up
-- People with a login, their sessions and keys. Users belong to the instance; what they may do is decided per workspace.
create table users (
  id text primary key,
  email text not null unique,              -- lower case
  name text not null,
  password_hash text,                      -- argon2id, null = passkey or link only
  totp_secret text,                        -- sealed, null = none confirmed
  totp_last_step bigint not null default 0, -- a code works once
  recovery_codes text,                     -- JSON list of hashes
  zone text not null default 'UTC',
  locale text not null default 'en',
  theme text not null default 'system',
  preferences text not null default '{}',
  instance_owner boolean not null default false,
  created_at bigint not null,
  disabled_at bigint
);
create table sessions (
  token_hash text primary key,
  user_id text,
  data bytea not null,
  expires_at bigint not null,
  created_at bigint not null,
  seen_at bigint not null,
  address text not null default '',
  agent text not null default ''
);
create index sessions_by_user on sessions (user_id);
create table passkeys (
  user_id text not null references users (id) on delete cascade,
  id text not null,                        -- credential id, base64url
  name text not null,
  credential text not null,                -- JSON of the public credential
  created_at bigint not null,
  used_at bigint,
  primary key (user_id, id)
);
create table sign_in_links (              -- one use: demo, invitation, password reset
  token_hash text primary key,
  purpose text not null,
  user_id text,
  invitation_id text,
  expires_at bigint not null,
  used_at bigint
);
create table sign_in_attempts (
  id text primary key,
  email text not null,
  address text not null,
  at bigint not null,
  ok boolean not null
);
create index sign_in_attempts_by_email on sign_in_attempts (email, at);
create index sign_in_attempts_by_address on sign_in_attempts (address, at);
create table instance_settings (key text primary key, value text not null);
