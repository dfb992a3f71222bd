-- An account that is to be closed works on until this moment; and when nothing of it was left to erase.
alter table account
    add column cancel_at timestamptz,
    -- Its owner wants no account to be opened for its numbers again.
    add column wants_none boolean not null default false,
    add column erased_at timestamptz;
create index account_cancel on account (cancel_at) where cancel_at is not null;
create index account_erase on account (account_id) where state = 'cancelled' and erased_at is null;
-- Unclaimed accounts are purged by age.
create index account_unclaimed on account (created_at) where state = 'unclaimed';

-- by own key: numbers that nobody's word but their owner's opens an account for, by their HMAC under a key that is not in
-- the database.
create table barred_number (
    number bytea primary key,
    reason text not null check (reason in ('cancelled', 'opt-out')),
    until timestamptz not null
);
