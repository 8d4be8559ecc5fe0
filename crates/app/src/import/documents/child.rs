//! The process that reads one container: this program again, with a word that is not for people. It takes the file on
//! its input, gives what it read on its output, opens nothing, and ends.

use std::{
    io::{self, Read, Write},
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use catena_documents::{Document, Format, Limits};

/// The word that makes this program such a process.
pub const WORD: &str = "read-document";

/// How long one document may take.
const MOST_TIME: Duration = Duration::from_secs(30);
/// How much memory, in bytes. The allocator sets aside more than is used.
#[cfg(unix)]
const MOST_MEMORY: u64 = 1 << 30;
/// How much may be said of it, in bytes.
const MOST_OUTPUT: u64 = 128 << 20;

/// What the process says in the end.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Read(Box<Document>),
    Unreadable(String),
}

/// Is the process: limits itself, then reads.
///
/// # Errors
///
/// When its input can't be read or its output can't be written.
pub fn run(format: Format, input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    limit()?;
    // What a library thinks of a damaged file is told as an answer, not as a crash.
    std::panic::set_hook(Box::new(|_| {}));
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let said = match std::panic::catch_unwind(|| catena_documents::read(format, &bytes, &Limits::default())) {
        Ok(Ok(document)) => Said::Read(Box::new(document)),
        Ok(Err(why)) => Said::Unreadable(why.to_string()),
        Err(_) => Said::Unreadable(format!("it is a damaged or unusual {}", format.title())),
    };
    serde_json::to_writer(&mut *output, &said)?;
    output.flush()
}

/// Is the process, for a format by its word.
///
/// # Errors
///
/// When there is no such format, and as [`run`].
pub fn serve(word: &str, input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    let format = [Format::Docx, Format::Pdf, Format::Text, Format::Markdown, Format::Html]
        .into_iter()
        .find(|format| self::word(*format) == word)
        .ok_or_else(|| io::Error::other(format!("\"{word}\" is no format of documents")))?;
    run(format, input, output)
}

const fn word(format: Format) -> &'static str {
    match format {
        Format::Docx => "docx",
        Format::Pdf => "pdf",
        Format::Text => "text",
        Format::Markdown => "markdown",
        Format::Html => "html",
    }
}

#[cfg(unix)]
fn limit() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let set = |resource: Resource, most: u64| {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }).map_err(io::Error::from)
    };
    set(Resource::Cpu, MOST_TIME.as_secs())?;
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    // No more files, and so no sockets: what is open is enough.
    set(Resource::Nofile, 3)?;
    // Not every system can limit this; time and output hold everywhere.
    let _ = set(Resource::As, MOST_MEMORY);
    Ok(())
}

#[cfg(not(unix))]
fn limit() -> io::Result<()> {
    Ok(())
}

/// Reads a document in such a process; else why it could not be read.
pub(crate) fn read(format: Format, bytes: &[u8]) -> Result<Document, String> {
    let program = std::env::current_exe()
        .map_err(|error| format!("the program that reads {} was not found: {error}", format.title()))?;
    read_by(program, format, bytes)
}

fn read_by(program: PathBuf, format: Format, bytes: &[u8]) -> Result<Document, String> {
    let failed = |error: io::Error| format!("the process that reads {} failed: {error}", format.title());
    let mut process = Command::new(program)
        .args([WORD, word(format)])
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let (input, output) = (process.stdin.take(), process.stdout.take());
    let (tell, told) = mpsc::channel();
    let result = thread::scope(|scope| {
        scope.spawn(move || {
            // It may end before it took all; what it said tells why.
            let _ = input.map(|mut input| input.write_all(bytes));
        });
        scope.spawn(move || {
            let mut said = Vec::new();
            let read = output.map(|output| output.take(MOST_OUTPUT + 1).read_to_end(&mut said));
            let _ = tell.send(read.unwrap_or(Ok(0)).map(|_| said));
        });
        let said = told.recv_timeout(MOST_TIME);
        // Ended or not: nothing of it is left, and the threads come to their end.
        let _ = process.kill();
        let ended = process.wait();
        (said, ended)
    });
    let burst = || {
        format!(
            "reading it took more memory or time than a {} of its size needs; it was left out",
            format.title()
        )
    };
    let said = match result {
        (Ok(said), _) => said.map_err(failed)?,
        (Err(_), _) => return Err(burst()),
    };
    if said.len() as u64 > MOST_OUTPUT {
        return Err(format!("more than {MOST_OUTPUT} bytes would be told of it; it was left out"));
    }
    match serde_json::from_slice(&said) {
        Ok(Said::Read(document)) => Ok(*document),
        Ok(Said::Unreadable(why)) => Err(why),
        Err(_) => Err(burst()),
    }
}
