-- What is ahead of an account is told to all of its terminals.
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
    check (kind in ('receipt', 'page', 'offer', 'card', 'own-card', 'account-state'));
create unique index outbox_account_state on outbox (account_id) where kind = 'account-state';
