//! Tags read and written through simulated chips. Programs that nobody here wrote judge it in
//! `../matrix`.

mod reading;
mod table;
mod writing;
