-- by own key: which program each kind of terminal should run.
create table client_offer (
    kind text primary key check (kind in ('kiosk', 'organiser-kiosk', 'phone')),
    version text not null,
    url text not null,
    sha256 bytea check (length(sha256) = 32),
    made_at timestamptz not null default now()
);
