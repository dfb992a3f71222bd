-- by account: what a kiosk makes its touch tokens with. A key is handed out for a day and believed for longer.
create table touch_key (
    account_id bigint not null,
    terminal_id bigint not null,
    epoch integer not null check (epoch between 0 and 65535),
    key bytea not null check (length(key) = 32),
    made_at timestamptz not null,
    primary key (account_id, terminal_id, epoch)
);
