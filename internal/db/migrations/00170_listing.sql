-- +goose Up
-- Lists and the numbers beside them are read off an index alone, newest first in each state, whatever is chosen or a role
-- leaves open; and tags off those conversations that have any.
drop index conversations_by_state;
create index conversations_by_state on conversations (workspace_id, state, last_message_at, id, channel_id, brand_id, assignee_id, kind);
create index conversations_by_channel on conversations (workspace_id, channel_id, state, last_message_at, id);
create index conversations_by_assignee on conversations (workspace_id, assignee_id, state, last_message_at, id);
create index conversations_by_tags on conversations (workspace_id, state, last_message_at, id, tags) where tags <> '[]';
drop index conversations_by_message;
drop index conversations_by_inbound;
create index conversations_by_inbound on conversations (workspace_id, first_inbound_at, first_reply_at, state, channel_id, campaign_id);
create index targets_ahead on targets (workspace_id, channel_id, due_at, id, state, post_id) where state in ('scheduled', 'held');
drop index deliveries_by_state;
create index deliveries_by_state on deliveries (workspace_id, state, due_at, id, channel_id, responsible_id);
