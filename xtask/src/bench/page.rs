//! A folder of files served on loopback: a page from the disk itself may not load its own modules.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Serves the folder for as long as this process lives; gives the address.
pub fn serve(folder: &Path) -> Result<String> {
    let unavailable =
        |error: std::io::Error| Failure::new(format!("the bench's page could not be served: {error}"));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(unavailable)?;
    let address = listener.local_addr().map_err(unavailable)?;
    let folder = folder.to_path_buf();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A browser that goes away half way is no reason to stop.
            let _ = answer(stream, &folder);
        }
    });
    Ok(format!("http://{address}"))
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let found =
        file(folder, &request).and_then(|path| fs::read(&path).ok().map(|content| (kind(&path), content)));
    let (status, kind, content) = match found {
        Some((kind, content)) => ("200 OK", kind, content),
        None => ("404 Not Found", "text/plain", Vec::new()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    )?;
    stream.write_all(&content)
}

/// The file that a request line asks for, if it is inside the folder.
fn file(folder: &Path, request: &str) -> Option<PathBuf> {
    let path = request.strip_prefix("GET /")?.split([' ', '?']).next()?;
    let inside = !path.split('/').any(|part| part.is_empty() || part == "..");
    inside.then(|| folder.join(path))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_folder_are_given() {
        let folder = Path::new("bench");
        assert_eq!(file(folder, "GET /a/b.js?x=1 HTTP/1.1\r\n"), Some("bench/a/b.js".into()));
        assert_eq!(file(folder, "GET /../secret HTTP/1.1\r\n"), None);
        assert_eq!(file(folder, "GET //etc/passwd HTTP/1.1\r\n"), None);
        assert_eq!(file(folder, "POST /a HTTP/1.1\r\n"), None);
    }
}
