-- by own key: who serves which part of the work, and who wants to. Judged by the database's clock alone.
create table lease (
    role text not null check (role in ('ingest', 'relay')),
    part smallint not null check (part between 0 and 15),
    -- Drawn by each connection of a worker.
    owner bigint,
    -- Counts the owners: who comes back late has an older one.
    generation bigint not null default 0,
    until timestamptz not null default '-infinity',
    primary key (role, part)
);
insert into lease (role, part)
select role, part from unnest(array['ingest', 'relay']) as role, generate_series(0, 15) as part;

create table lease_claimant (
    role text not null,
    owner bigint not null,
    until timestamptz not null,
    primary key (role, owner)
);

-- The relay's work is divided by account.
alter table outbox add column part smallint not null generated always as ((account_id & 15)::smallint) stored;
drop index outbox_order;
create index outbox_order on outbox (part, outbox_id);
alter table fanout add column part smallint not null generated always as ((account_id & 15)::smallint) stored;
drop index fanout_queue;
create index fanout_queue on fanout (part, queued_at);
