-- A kiosk hears that a phone has taken up one of its touches.
alter table outbox drop constraint outbox_kind_check;
alter table outbox add constraint outbox_kind_check
    check (kind in ('receipt', 'page', 'offer', 'card', 'own-card', 'account-state', 'claimed'));
