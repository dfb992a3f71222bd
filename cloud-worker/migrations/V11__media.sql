-- by own key: what people put on their cards, made harmless. A card refers to it by its name, which was drawn at random.
create table media (
    name bytea primary key check (length(name) = 16),
    account_id bigint not null,
    media_type text not null,
    sha256 bytea not null check (length(sha256) = 32),
    bytes bytea not null,
    -- A small JPEG of it, for vCards that leave the system.
    small bytea,
    made_at timestamptz not null default now()
);
create index media_account on media (account_id, made_at);
