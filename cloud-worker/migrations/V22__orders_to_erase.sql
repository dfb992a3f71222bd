-- by account: the order to erase a kiosk that was stolen, as it was signed. The kiosk is told until it has handed over what
-- it had not sent.
create table wipe_order (
    account_id bigint not null,
    terminal_id bigint not null,
    nonce bytea not null check (length(nonce) = 16),
    seal_key bytea not null check (length(seal_key) = 32),
    signature bytea not null check (length(signature) = 64),
    made_at timestamptz not null default now(),
    done_at timestamptz,
    primary key (account_id, terminal_id)
);

alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
    check (kind in ('receipt', 'page', 'offer', 'card', 'own-card', 'account-state', 'claimed', 'wipe'));
