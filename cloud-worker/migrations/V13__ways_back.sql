-- by own key: names that people sign in with, besides their numbers.
create table alias (
    name text primary key,
    account_id bigint not null,
    made_at timestamptz not null default now()
);
create index alias_account on alias (account_id);

-- by account: the Argon2id hash of the code that opens an account whose number is lost.
create table recovery (
    account_id bigint primary key,
    hash text not null
);

-- by account: the number that an account is about to have.
create table number_change (
    account_id bigint primary key,
    identifier text not null,
    due_at timestamptz not null
);

-- by own key: numbers of sleeping accounts that somebody has proved, who may be somebody else.
create table dispute (
    identifier text primary key,
    account_id bigint not null,
    opened_at timestamptz not null default now()
);
create index dispute_account on dispute (account_id);
