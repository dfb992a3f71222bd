-- by account: up to which number a terminal has its receipts. Outcomes up to there are forgotten, and no task at or
-- below takes effect again.
create table watermark (
    account_id bigint not null,
    terminal_id bigint not null,
    epoch bigint not null,
    receipted bigint not null,
    primary key (account_id, terminal_id, epoch)
);
