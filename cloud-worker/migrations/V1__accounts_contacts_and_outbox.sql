-- Two kinds of tables. By account: every key begins with account_id, so that they can be spread over machines by it.
-- By own key: identifier, terminal, dead_letter. No triggers, and no now() in ON CONFLICT DO UPDATE.

-- by account ---------------------------------------------------------------------------------------------------------

create table account (
    account_id bigint primary key,
    state text not null check (state in ('unclaimed', 'active', 'cancelled')),
    -- The owner's own card, JSContact; null before the first edition.
    card jsonb,
    edition integer not null default 0,
    -- Raised with every change of this account's own book.
    book bigint not null default 0,
    created_at timestamptz not null default now()
);

-- Every edition of an own card, the base of a later merge.
create table card_edition (
    account_id bigint not null,
    edition integer not null,
    card jsonb not null,
    terminal_id bigint,
    made_at timestamptz not null default now(),
    primary key (account_id, edition)
);

-- A holder (account_id) knows an owner. Two parts that never mix: the snapshot is the holder's record of what was
-- read; the link says whether the owner's current card follows. owner_id is no account for a card without a number.
create table contact (
    account_id bigint not null,
    owner_id bigint not null,
    snapshot jsonb,
    note text not null default '',
    link text not null default 'none' check (link in ('none', 'offered', 'live')),
    deleted_at timestamptz,
    primary key (account_id, owner_id)
);
-- Fan-out reads the partners of an owner in this order.
create index contact_live on contact (owner_id, account_id) where link = 'live';

-- Who met whom, from one account's side; the partner's number as it was.
create table exchange (
    account_id bigint not null,
    terminal_id bigint not null,
    epoch bigint not null,
    seq bigint not null,
    peer_id bigint not null,
    partner text,
    direction text not null check (direction in ('received', 'given', 'both')),
    touch text not null,
    at timestamptz not null,
    clock_synced boolean not null,
    boot_id bigint,
    boot_ms bigint,
    place text not null,
    note text not null,
    consent boolean not null,
    received_at timestamptz not null default now(),
    primary key (account_id, terminal_id, epoch, seq)
);
-- The kiosk's and the phone's copy of one touch are one exchange.
create unique index exchange_touch on exchange (account_id, touch, peer_id);
-- A kiosk's scope: the contacts that it made itself.
create index exchange_scope on exchange (account_id, peer_id, terminal_id);

-- from_id offers its card (gives) or asks for account_id's (takes); nothing is in anybody's book before the answer.
create table offer (
    account_id bigint not null,
    from_id bigint not null,
    gives boolean not null,
    takes boolean not null,
    place text not null,
    at timestamptz not null,
    primary key (account_id, from_id)
);

-- The one effect of a task, and its receipt to be repeated.
create table outcome (
    account_id bigint not null,
    terminal_id bigint not null,
    epoch bigint not null,
    seq bigint not null,
    receipt jsonb not null,
    primary key (account_id, terminal_id, epoch, seq)
);

-- What is to be published; rows name things and hold no card.
create table outbox (
    account_id bigint not null,
    outbox_id bigint generated always as identity,
    kind text not null check (kind in ('receipt', 'page', 'offer', 'card', 'own-card')),
    terminal_id bigint,
    epoch bigint,
    seq bigint,
    owner_id bigint,
    -- Of a page: what the terminal has.
    request jsonb,
    primary key (account_id, outbox_id)
);
create index outbox_order on outbox (outbox_id);

-- One row per account whose partners are being told; a newer edition begins again.
create table fanout (
    account_id bigint primary key,
    edition integer not null,
    -- The last holder that was told.
    cursor bigint not null default 0
);

-- How far an owner's (account_id) card has come: what each terminal reported last.
create table delivery (
    account_id bigint not null,
    terminal_id bigint not null,
    holder_id bigint not null,
    edition integer not null,
    outcome text not null check (outcome in ('applied', 'kept-mine', 'failed')),
    reason text,
    reported_at timestamptz not null,
    primary key (account_id, terminal_id)
);

-- by own key ---------------------------------------------------------------------------------------------------------

create table identifier (
    identifier text primary key,
    account_id bigint not null,
    created_at timestamptz not null default now()
);

create table terminal (
    terminal_id bigint primary key,
    account_id bigint not null,
    kind text not null check (kind in ('kiosk', 'organiser-kiosk', 'phone')),
    created_at timestamptz not null default now()
);
create index terminal_account on terminal (account_id);

create table dead_letter (
    dead_letter_id bigint generated always as identity primary key,
    terminal_id bigint not null,
    payload bytea not null,
    reason text not null,
    received_at timestamptz not null default now()
);
create index dead_letter_terminal on dead_letter (terminal_id, dead_letter_id);
