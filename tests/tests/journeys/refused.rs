//! Who sends a large file that nobody wants hears so, instead of finding the connection cut.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use tapcard_tests::World;

/// More than the sockets' buffers between two programs hold.
const LARGE: usize = 15_000_000;
/// How much of it is sent before the answer is there.
const BEGUN: usize = 64 * 1024;

/// The status line of an answer, which is read to its end.
fn status(from: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    let mut status = String::new();
    from.read_line(&mut status).context("no answer")?;
    let (mut line, mut length) = (String::new(), 0);
    while from.read_line(&mut line)? > 2 {
        if let Some((_, it)) = line.to_ascii_lowercase().split_once("content-length:") {
            length = it.trim().parse()?;
        }
        line.clear();
    }
    from.read_exact(&mut vec![0; length])?;
    Ok(status.trim_end().to_owned())
}

#[test]
fn a_strangers_file_is_refused_in_an_answer_that_arrives() -> anyhow::Result<()> {
    let world = World::start()?;
    let web = world.web()?;
    let host = web.strip_prefix("http://").context("no address")?;
    let mut line = TcpStream::connect(host)?;
    line.set_read_timeout(Some(Duration::from_secs(30)))?;
    line.set_write_timeout(Some(Duration::from_secs(30)))?;
    let mut answers = BufReader::new(line.try_clone()?);
    let head = format!("POST /media HTTP/1.1\r\nHost: {host}\r\nContent-Length: {LARGE}\r\n\r\n");
    line.write_all(head.as_bytes())?;
    line.write_all(&[b'x'; BEGUN])?;
    assert_eq!(status(&mut answers)?, "HTTP/1.1 401 Unauthorized");
    line.write_all(&vec![b'x'; LARGE - BEGUN]).context("the rest of the file")?;
    line.write_all(format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())?;
    assert_eq!(status(&mut answers).context("after the file")?, "HTTP/1.1 200 OK");

    // Who asks first is told before anything is sent, and sends nothing.
    let mut line = TcpStream::connect(host)?;
    line.set_read_timeout(Some(Duration::from_secs(30)))?;
    let head = head.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
    line.write_all(head.as_bytes())?;
    let mut answers = BufReader::new(line);
    assert_eq!(status(&mut answers)?, "HTTP/1.1 401 Unauthorized");
    let mut more = Vec::new();
    answers.read_to_end(&mut more)?;
    assert_eq!(more, b"", "the connection ends");
    Ok(())
}
