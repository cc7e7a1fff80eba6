-- +goose Up
alter table deliveries add column price_micros bigint not null default 0;  -- what the network charges for it, in millionths of the currency
alter table deliveries add column price_currency text not null default '';
alter table channels add column month_cap bigint;                         -- the most that posts may cost in a month, in millionths; null = no cap
create index deliveries_by_price on deliveries (workspace_id, channel_id, due_at) where price_micros > 0;
