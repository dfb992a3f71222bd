-- A pass that has ended leaves its row for a while, so that edits which follow closely are told together.
alter table fanout add column rests boolean not null default false;
