-- by account: how many numbers that nobody knew were named on a day, by a kiosk or by all phones of an account (terminal 0).
create table new_number (
    account_id bigint not null,
    terminal_id bigint not null,
    day date not null,
    n integer not null,
    primary key (account_id, terminal_id, day)
);
create index new_number_day on new_number (day);

-- Since when no card shows it.
alter table media add column unused_at timestamptz;
