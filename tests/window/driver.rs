//! A driver and an app of a test's own: their ports, their folder, their end.

use std::{
    collections::BTreeSet,
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
};

use tempfile::TempDir;

use super::until::until;

/// `tauri-driver`, running, and the folder in which everything that it starts keeps its data.
pub struct Driver {
    folder: TempDir,
    port: u16,
    process: Child,
    noted: Mutex<BTreeSet<u32>>,
}

/// The file with what the driver and the app had to say.
const SAID: &str = "said.txt";

/// The program under test.
pub fn app() -> PathBuf {
    std::env::var_os("CATENA_APP")
        .map(PathBuf::from)
        .expect("CATENA_APP names the program to test: run `cargo xtask test window`")
}

impl Driver {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [port, native] = free_ports();
        let process = with_own_data(&mut Command::new("tauri-driver"), folder.path())
            .args(["--port", &port.to_string(), "--native-port", &native.to_string()])
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join(SAID)).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("tauri-driver: {error}: run `cargo xtask test window`"));
        let driver = Self { folder, port, process, noted: Mutex::default() };
        // The web view's own driver too: until it listens, the first request would be lost.
        for port in [native, port] {
            until("the driver listens", || async {
                TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map(drop).map_err(|error| error.to_string())
            })
            .await;
        }
        driver
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A folder that is gone with the test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the driver and the app had to say, for when they fail.
    pub fn said(&self) -> String {
        let said = fs::read_to_string(self.folder().join(SAID)).unwrap_or_default();
        format!("{said}\nrunning: {:?}", self.running())
    }

    /// Starts the program as the desktop would, beside the one that is driven.
    pub fn second_start(&self, argument: &str) -> Child {
        with_own_data(&mut Command::new(app()), self.folder()).arg(argument).spawn().unwrap()
    }

    /// Remembers what runs now, so that its end can be waited for.
    pub fn note(&self) {
        self.noted.lock().unwrap().extend(self.running());
    }

    /// Ends the driver, then whatever was started for this test and is still there.
    pub async fn end(mut self) {
        self.note();
        // Asked to end, it takes the web view's driver along.
        send("-TERM", self.process.id());
        until_ended(&mut self.process).await;
        for left in self.running() {
            send("-KILL", left);
        }
        until("everything that the test started has ended", || async {
            let noted = self.noted.lock().unwrap();
            let left: Vec<_> = noted.iter().filter(|id| !has_ended(**id)).collect();
            if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
        })
        .await;
        // Until the bus has noticed, the next app would hand itself over to this one.
        until("the app's name is free again", || async {
            let asked = Command::new("dbus-send")
                .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
                .arg("org.freedesktop.DBus.ListNames")
                .output();
            let names = asked.map_err(|error| format!("dbus-send: {error}"))?;
            let names = String::from_utf8_lossy(&names.stdout).into_owned();
            if names.contains("org.freedesktop.DBus") && !names.contains("app.catena") {
                Ok(())
            } else {
                Err(names)
            }
        })
        .await;
    }

    /// Processes that have this test's own folder in their environment.
    fn running(&self) -> Vec<u32> {
        let own = format!("CATENA_DATA={}", self.folder.path().display());
        let has_it = |id: &u32| {
            fs::read(format!("/proc/{id}/environ"))
                .is_ok_and(|all| all.split(|byte| *byte == 0).any(|one| one == own.as_bytes()))
        };
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(has_it).collect()
    }
}

/// A process loses its environment, then its first thread, before its last thread lets go of its connections.
fn has_ended(id: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { return true };
    let is_over = stat.rsplit_once(')').is_some_and(|(_, state)| state.trim_start().starts_with(['Z', 'X']));
    is_over && fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count) <= 1
}

/// Waits for a process to end by itself.
pub async fn until_ended(process: &mut Child) {
    let id = process.id();
    let process = Mutex::new(process);
    until("the process ends", || async {
        match process.lock().unwrap().try_wait() {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(format!("{id} is running")),
            Err(error) => Err(error.to_string()),
        }
    })
    .await;
}

/// The catalogs, what the web view remembers and where the window was: all in the test's folder.
fn with_own_data<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command.env("CATENA_DATA", folder);
    for (name, under) in
        [("XDG_DATA_HOME", "share"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")]
    {
        command.env(name, folder.join(under));
    }
    command
}

/// Both are held before either is let go, so that they differ.
fn free_ports() -> [u16; 2] {
    let held = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    held.map(|one| one.local_addr().unwrap().port())
}

fn send(signal: &str, process: u32) {
    // One that has just ended by itself is no failure.
    let _ = Command::new("kill").args([signal, &process.to_string()]).stderr(Stdio::null()).status();
}
