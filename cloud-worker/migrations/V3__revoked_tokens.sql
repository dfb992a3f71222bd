-- Tokens of this terminal that were signed earlier do not count; the relay tells the gate.
alter table terminal add column not_before timestamptz;
create index terminal_revoked on terminal (not_before) where not_before is not null;
