-- by own key: one mail address for an account. Two that were bound at the same moment could both stay.
delete from mail_address older using mail_address newer
where older.account_id = newer.account_id and (older.made_at, older.address) < (newer.made_at, newer.address);
drop index mail_address_account;
-- Checked at commit, for a new address is there before the old one goes.
alter table mail_address add constraint mail_address_account unique (account_id) deferrable initially deferred;
