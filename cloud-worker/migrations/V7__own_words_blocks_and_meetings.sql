-- The holder's own words about a contact follow to the account's other terminals: remarked is the book's counter of
-- their last change, which a sync compares with the terminal's. A withdrawn contact is one whose owner has ended its link.
alter table contact
    add column tags text[] not null default '{}',
    add column rating smallint not null default 0 check (rating between 0 and 5),
    add column remarked bigint not null default 0,
    add column is_withdrawn boolean not null default false;

-- by account: who may offer nothing to whom, and whom nothing is offered.
create table block (
    account_id bigint not null,
    other_id bigint not null,
    made_at timestamptz not null default now(),
    primary key (account_id, other_id)
);

-- What from_id's own terminal has said, of what is offered; an organiser's kiosk speaks for nobody.
alter table offer
    add column named_gives boolean not null default false,
    add column named_takes boolean not null default false;
