-- by own key: kiosks whose code has not been redeemed, or whose owner has not compared the words yet.
create table enrolment (
    terminal_id bigint primary key,
    -- The HMAC of the one-time code.
    code bytea not null,
    until timestamptz not null
);
-- The key that a device made; its terminal has no token before the owner has confirmed it, and none after its end.
alter table terminal
    add column key bytea check (length(key) = 32),
    add column confirmed_at timestamptz,
    add column ended_at timestamptz,
    -- Which program it is, as it said last.
    add column client text not null default '';
