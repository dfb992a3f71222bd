-- by own key: mail addresses that open an account.
create table mail_address (
    address text primary key,
    account_id bigint not null,
    made_at timestamptz not null default now()
);
create index mail_address_account on mail_address (account_id);
