-- +goose Up
-- People with a login, their sessions and passkeys. Users belong to the instance; what they may do is decided per workspace.
create table users (
  id text primary key,
  email text not null unique,              -- lower case
  name text not null,
  password_hash text not null default '',  -- argon2id, '' = passkey or link only
  totp_secret text not null default '',    -- sealed, '' = none confirmed
  totp_last_step bigint not null default 0, -- a code works once
  recovery_codes text not null default '[]', -- JSON list of hashes
  zone text not null default 'UTC',
  locale text not null default 'en',
  theme text not null default 'system',
  instance_owner boolean not null default false,
  created_at bigint not null,
  password_changed_at bigint,
  disabled_at bigint
);
create table sessions (
  token_hash text primary key,
  id text not null unique,                 -- how a person names it when ending it
  user_id text not null references users (id) on delete cascade,
  place text not null default '',          -- workspace the person works in
  brand text not null default '',          -- brand chosen there, '' = all
  method text not null,                    -- password, second_factor, passkey, link
  address text not null default '',
  agent text not null default '',
  created_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null               -- absolute end
);
create index sessions_by_user on sessions (user_id);
create table devices (                     -- browsers a person has signed in with, to tell them of a new one
  user_id text not null references users (id) on delete cascade,
  token_hash text not null,
  seen_at bigint not null,
  primary key (user_id, token_hash)
);
create table sign_in_steps (               -- what a person has begun and must end in the same browser
  token_hash text primary key,
  kind text not null,                      -- second_factor, passkey, new_passkey, new_totp
  user_id text not null default '',
  data text not null default '',
  expires_at bigint not null
);
create table passkeys (
  user_id text not null references users (id) on delete cascade,
  id text not null,                        -- credential id, base64url
  name text not null,
  credential text not null,                -- JSON of the public credential
  created_at bigint not null,
  used_at bigint,
  primary key (user_id, id)
);
create table sign_in_links (               -- one use: demo, password reset, set-up
  token_hash text primary key,
  purpose text not null,
  user_id text not null default '',
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint
);
create table sign_in_throttles (           -- failures per account, address or link, and when the next try is heard
  key text primary key,
  failures int not null,
  last_at bigint not null,
  next_at bigint not null
);
create table instance_settings (key text primary key, value text not null);
