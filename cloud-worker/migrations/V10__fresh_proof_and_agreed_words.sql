-- When a browser last showed a code: what is most private asks for one that is fresh.
alter table web_session add column proved_at timestamptz;
update web_session set proved_at = made_at;
alter table web_session alter column proved_at set not null;

-- Which version of the words somebody agreed to; empty for what was agreed before versions were kept.
alter table exchange add column agreed text not null default '';
