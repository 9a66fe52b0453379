//! A qube in which services are installed.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::call::Call;
use crate::descriptor::{Descriptor, Protocol};

/// Why a call did not become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The policy says no.
    Policy,
    /// There is no such service.
    NotFound,
    /// The call does not fit the protocol.
    TooLong,
}

impl Refused {
    /// With what the client of the caller exits.
    pub fn exit_code(self) -> i32 {
        match self {
            Self::Policy => 126,
            Self::NotFound => 127,
            Self::TooLong => 125,
        }
    }
}

/// Where the agent looks for services, below the root of the qube, in this order.
const SERVICE_DIRS: [&str; 3] = ["run/qubes-rpc", "usr/local/etc/qubes-rpc", "etc/qubes-rpc"];

/// A qube with a home directory and installed services of its own, in a temporary directory.
pub struct Qube {
    root: TempDir,
    protocol: Protocol,
}

impl Qube {
    /// A qube with an empty home directory and no services.
    pub fn new() -> Self {
        let root = TempDir::new().expect("a temporary directory");
        for dir in SERVICE_DIRS.into_iter().chain(["home/user"]) {
            fs::create_dir_all(root.path().join(dir)).expect("the directories of a qube");
        }
        let qube = Self { root, protocol: Protocol::default() };
        qube.profile(""); // from now on the shell finds one
        qube
    }

    /// The same qube on a system whose qrexec speaks `protocol`.
    pub fn with_protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// The home directory of the user who runs the services.
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home/user")
    }

    /// The place of a file that a package would install, such as `etc/qubes-rpc`.
    pub fn path(&self, below_root: &str) -> PathBuf {
        self.root.path().join(below_root)
    }

    /// Adds a line to `~/.profile`, which the login shell reads before each service: settings, limits.
    pub fn profile(&self, line: &str) {
        let profile = OpenOptions::new().create(true).append(true).open(self.home().join(".profile"));
        writeln!(profile.expect("a profile"), "{line}").expect("a line in the profile");
    }

    /// Makes the programs in a directory available to the services, as if installed in `/usr/bin`.
    pub fn programs(&self, dir: impl AsRef<Path>) {
        let dir = fs::canonicalize(dir).expect("the directory of the programs");
        self.profile(&format!("PATH='{}':$PATH", dir.display()));
    }

    /// Installs a service file under its own name, executable as a package would.
    pub fn install(&self, service_file: impl AsRef<Path>) {
        let name = service_file.as_ref().file_name().expect("the name of a service");
        self.install_as(&service_file, name.to_str().expect("a name in ASCII"));
    }

    /// Installs a service file under another name, such as `service+argument`.
    pub fn install_as(&self, service_file: impl AsRef<Path>, name: &str) {
        let target = self.path("etc/qubes-rpc").join(name);
        fs::copy(service_file, &target).expect("the service file");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o755)).expect("its execute bit");
    }

    /// Calls `service+argument` as the qube `caller`. The policy has allowed it, and the name of the caller comes from
    /// dom0, so it is handed over as it is.
    pub fn call(&self, caller: &str, asked: impl AsRef<[u8]>) -> Result<Call, Refused> {
        let asked = Descriptor::parse(asked.as_ref(), self.protocol).ok_or(Refused::TooLong)?;
        let file = self.look_up(&asked).ok_or(Refused::NotFound)?;
        Ok(self.start(&file, caller, &asked))
    }

    /// `service+argument`, then `service`, in each of the directories.
    fn look_up(&self, asked: &Descriptor) -> Option<PathBuf> {
        let names = [asked.full_name(), asked.service.clone()];
        let places = names.iter().flat_map(|name| SERVICE_DIRS.map(|dir| self.path(dir).join(name)));
        places.into_iter().find(|file| is_executable(file))
    }

    fn start(&self, file: &Path, caller: &str, asked: &Descriptor) -> Call {
        let (stdin, service_stdin) = UnixStream::pair().expect("a pair of sockets");
        let (stdout, service_stdout) = UnixStream::pair().expect("a pair of sockets");
        let mut command = Command::new("/bin/sh");
        command
            .args(["-lc", START, "sh"])
            .arg(file)
            .args([&asked.full_name(), caller, &asked.argument])
            .env_clear()
            .envs([("USER", "user"), ("LOGNAME", "user"), ("SHELL", "/bin/sh"), ("PATH", "/usr/bin:/bin")])
            .env("HOME", self.home())
            .current_dir(self.home())
            .stdin(Stdio::from(OwnedFd::from(service_stdin)))
            .stdout(Stdio::from(OwnedFd::from(service_stdout)))
            .stderr(Stdio::piped())
            .process_group(0);
        Call::new(command.spawn().expect("a shell"), stdin, stdout)
    }
}

/// What the login shell runs once it has read the profile, as qubes-core-qrexec 4.4 gives it (`exec_qubes_rpc2`): a
/// qube other than dom0 does not learn which target was requested, and the argument is one only where it is not empty.
const START: &str = r#"set -e
unset QREXEC_SERVICE_FULL_NAME QREXEC_REMOTE_DOMAIN QREXEC_REQUESTED_TARGET_TYPE QREXEC_SERVICE_ARGUMENT
export "QREXEC_SERVICE_FULL_NAME=$2" "QREXEC_REMOTE_DOMAIN=$3" QREXEC_REQUESTED_TARGET_TYPE= "QREXEC_SERVICE_ARGUMENT=$4"
exec "$1" ${4:+"$4"}"#;

impl Default for Qube {
    fn default() -> Self {
        Self::new()
    }
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
