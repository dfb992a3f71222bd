//! The program `tapcard-flash`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tapcard_flash::command::main()
}
