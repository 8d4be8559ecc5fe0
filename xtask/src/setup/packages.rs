//! Debian's packages: asked for by name, installed when we may.

use std::collections::BTreeSet;

use crate::failure::{Failure, Result};
use crate::program::{Program, is_installed};

/// A reason to need packages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To build the app.
    Build,
    /// To drive the app's window with no screen.
    Window,
    /// To run the real systems.
    Python,
    /// The peer of the reachability benchmark, and a database to connect to.
    Postgres,
}

impl Need {
    /// Debian 12's names.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Build => &[
                "build-essential",
                "pkg-config",
                "libwebkit2gtk-4.1-dev",
                "librsvg2-dev",
                "libayatana-appindicator3-dev",
                "libxdo-dev",
            ],
            Self::Window => {
                &["webkit2gtk-driver", "xvfb", "xauth", "dbus-x11", "xdotool", "openbox", "imagemagick"]
            }
            Self::Python => &["python3-venv"],
            Self::Postgres => &["postgresql-15"],
        }
    }
}

/// Installs what is missing for these needs; where that takes rights that we don't have, says what to type.
pub fn ensure(needs: &[Need]) -> Result<()> {
    if !is_installed("dpkg") {
        // Not Debian: what is missing will be named by whatever looks for it.
        return Ok(());
    }
    let missing: BTreeSet<&str> =
        needs.iter().flat_map(|need| need.packages()).copied().filter(|name| !is_there(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.into_iter().collect();
    if !is_root()? {
        return Err(Failure::new(format!(
            "system packages are missing; install them with\n\n    sudo apt-get update && sudo apt-get install --yes {}\n",
            names.join(" ")
        )));
    }
    println!("installing {}", names.join(" "));
    Program::new("apt-get").args(["update", "-q"]).run()?;
    Program::new("apt-get")
        .args(["install", "--yes", "-q", "--no-install-recommends"])
        .args(&names)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}

fn is_there(package: &str) -> bool {
    // A Python that brings its own `venv` needs no package for it.
    if package == "python3-venv" && Program::new("python3").args(["-c", "import ensurepip"]).capture().is_ok()
    {
        return true;
    }
    Program::new("dpkg").args(["-s", package]).capture().is_ok_and(|said| said.contains("ok installed"))
}

fn is_root() -> Result<bool> {
    Ok(Program::new("id").args(["-u"]).capture()?.trim() == "0")
}
