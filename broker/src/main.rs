//! The program `tapcard-broker`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tapcard_broker::start::main()
}
