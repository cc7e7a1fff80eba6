-- +goose Up
-- Checks before a planned time (C35). A target says for which time it was taken in; one that moves is taken in anew.
alter table targets add column checked_for bigint not null default 0;      -- the due_at that pre-flight knows; other than due_at = not taken in yet
create index targets_unchecked on targets (due_at) where state = 'scheduled' and checked_for <> due_at;
create table preflights (                  -- when a planned target is looked at next, and how far it is
  workspace_id text not null,
  target_id text not null,
  channel_id text not null,
  due_at bigint not null,                  -- the planned time that is checked for
  stage int not null default 0,            -- of the last look: 1 a day, 2 an hour, 3 five minutes before; 0 = none yet
  looked_at bigint,
  next_at bigint,                          -- null = the last look is over
  primary key (workspace_id, target_id)
);
create index preflights_next on preflights (next_at);
create table preflight_findings (          -- what stands in the way now; one that passes again is deleted
  workspace_id text not null,
  target_id text not null,
  check_name text not null,                -- token, scope, quota, media, link, rules, blackout, account
  ref text not null default '',            -- which one, where there are several: a file, an address
  subject text not null,                   -- whose fault it is: the channel's id or the target's
  level text not null,                     -- error = it will not go out, warning = it may not
  message text not null,
  fix text not null default '',
  href text not null,                      -- path of the screen where it is mended
  responsible_id text not null default '',
  since bigint not null,
  told int not null default 0,             -- the stage at which somebody was last told
  primary key (workspace_id, target_id, check_name, ref)
);
create index preflight_findings_by_subject on preflight_findings (workspace_id, subject, check_name);
create index notifications_by_entity on notifications (workspace_id, entity) where read_at is null;  -- a notice is taken back
