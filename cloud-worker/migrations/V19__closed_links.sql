-- The owner's account was closed while its card followed: that much its holder may know. Of others nothing is told.
alter table contact add column is_closed boolean not null default false;
