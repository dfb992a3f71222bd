-- What a kiosk's owner calls it, as it stands in the kiosk's own settings.
alter table terminal add column name text not null default '';
