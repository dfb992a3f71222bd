-- by account: a touch of a kiosk as a phone brought it here. Open for half an hour after it was first seen.
create table touch (
    account_id bigint not null,
    terminal_id bigint not null,
    epoch integer not null,
    counter bigint not null,
    seen_at timestamptz not null,
    claims integer not null default 0,
    primary key (account_id, terminal_id, epoch, counter)
);

-- by own key: codes that prove a number, bound to the browser that asked. Rows stay for a day, to be counted.
create table one_time_code (
    browser bytea primary key,
    identifier text not null,
    kiosk_id bigint not null,
    touch text not null,
    code bytea not null,
    asked_at timestamptz not null,
    tries smallint not null default 0,
    used_at timestamptz
);
create index one_time_code_asked on one_time_code (asked_at);
create index one_time_code_identifier on one_time_code (identifier, asked_at);

-- by own key: browsers that are signed in, by the SHA-256 of what their cookie holds.
create table web_session (
    cookie bytea primary key,
    account_id bigint not null,
    terminal_id bigint not null,
    made_at timestamptz not null
);
create index web_session_account on web_session (account_id);

create index identifier_account on identifier (account_id);

-- Where a kiosk stands, as its owner names it; and when a terminal was heard last, to the day.
alter table terminal
    add column place text not null default '',
    add column seen_at timestamptz;
