-- Receipts go out at the commit and no longer by the outbox; one that is lost is asked for again by its terminal. The
-- kind stays allowed while workers of the version before may still run.
drop index outbox_receipt;
