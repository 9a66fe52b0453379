//! An archive in another qube: `qube:sys-log/sys-firewall?since=yesterday`, streamed over qrexec.
//!
//! The viewer's qube calls `qubes.logs.Fetch+<origin>` with `qrexec-client-vm`, writes the selection to its standard
//! input, and reads a tar from its standard output; policy decides whether it may.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use logvm_wire::{QubeName, argument};

use super::{Visitor, Walk};

/// The client that connects to a service in another qube (qrexec-client-vm(1)).
const CLIENT: &str = "qrexec-client-vm";

/// The service that streams archives.
const FETCH: &str = "qubes.logs.Fetch";

/// What to fetch, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QubeArchive {
    /// The qube that keeps the logs.
    pub target: String,
    /// Only logs of this qube.
    pub origin: Option<String>,
    /// `since`, `until`, `kind` or `id`, each with its value.
    pub selection: Vec<(String, String)>,
}

impl QubeArchive {
    /// Reads `qube:TARGET[/ORIGIN][?since=…&until=…&kind=…&id=…]`; `None` when `text` does not start with `qube:`.
    ///
    /// # Errors
    /// What is wrong with an address that starts so.
    pub fn parse(text: &str) -> Option<Result<Self, String>> {
        text.strip_prefix("qube:").map(Self::parse_address)
    }

    fn parse_address(address: &str) -> Result<Self, String> {
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let (target, origin) = match place.split_once('/') {
            Some((target, origin)) => (target, Some(origin).filter(|origin| !origin.is_empty())),
            None => (place, None),
        };
        for name in [Some(target), origin].into_iter().flatten() {
            QubeName::parse(name).ok_or_else(|| format!("{name:?} is no name of a qube"))?;
        }
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let selection = pairs.map(pair).collect::<Result<Vec<_>, String>>()?;
        Ok(Self { target: target.to_owned(), origin: origin.map(str::to_owned), selection })
    }

    /// What it is called in the list of sources.
    fn name(&self) -> String {
        let origin = self.origin.as_ref().map(|origin| format!("/{origin}")).unwrap_or_default();
        format!("qube:{}{origin}", self.target)
    }

    /// The lines that the service reads from its standard input.
    fn request(&self) -> String {
        self.selection.iter().map(|(key, value)| format!("{key} {value}\n")).collect()
    }

    /// Calls the service.
    ///
    /// # Errors
    /// When the client cannot be started: this computer is no qube.
    fn open(&self) -> io::Result<QubeStream> {
        let origin = self.origin.as_deref().map(|origin| argument::encode(&[origin.as_bytes()]));
        let service = origin.map_or_else(|| FETCH.to_owned(), |origin| format!("{FETCH}+{origin}"));
        let mut client = Command::new(CLIENT)
            .args([&self.target, &service])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{CLIENT} cannot be started: {error}")))?;
        if let Some(mut stdin) = client.stdin.take() {
            // A service that was refused reads nothing; its exit code says so better than a broken pipe would.
            let _ = stdin.write_all(self.request().as_bytes());
        }
        let stdout = client.stdout.take();
        Ok(QubeStream { client, stdout })
    }
}

fn pair(pair: &str) -> Result<(String, String), String> {
    let (key, value) = pair.split_once('=').ok_or_else(|| format!("{pair:?} lacks a value"))?;
    if !["since", "until", "kind", "id"].contains(&key) {
        return Err(format!("{key:?} is none of since, until, kind, id"));
    }
    if value.is_empty() || value.chars().any(char::is_control) {
        return Err(format!("{key} has no proper value"));
    }
    Ok((key.to_owned(), value.to_owned()))
}

impl QubeArchive {
    /// Visits the sources that the service sends, as they come.
    pub fn visit(&self, walk: &Walk<'_>, visitor: &mut dyn Visitor) {
        match self.open() {
            Ok(mut stream) => walk.stream(&self.name(), &mut stream, visitor),
            Err(error) => visitor.problem(&self.name(), error.to_string()),
        }
    }
}

/// What the service sends.
#[derive(Debug)]
struct QubeStream {
    client: Child,
    stdout: Option<ChildStdout>,
}

impl Read for QubeStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(stdout) = &mut self.stdout else { return Ok(0) };
        let count = stdout.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.stdout = None;
            self.finish()?;
        }
        Ok(count)
    }
}

impl QubeStream {
    /// How the call ended, as an error when not well (exit codes of qrexec).
    fn finish(&mut self) -> io::Result<()> {
        let status = self.client.wait()?;
        let why = match status.code() {
            Some(0) => return Ok(()),
            Some(126) => "refused by policy".to_owned(),
            Some(127) => "that qube has no such service".to_owned(),
            Some(125) => "qrexec failed".to_owned(),
            Some(code) => format!("the service ended with status {code}"),
            None => "the call was ended by a signal".to_owned(),
        };
        Err(io::Error::other(why))
    }
}

impl Drop for QubeStream {
    fn drop(&mut self) {
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let parse = |text: &str| QubeArchive::parse(text).expect("it is an address").expect("it is a good one");
        let all = parse("qube:sys-log");
        assert_eq!((all.target.as_str(), all.origin, all.selection), ("sys-log", None, Vec::new()));
        let one = parse("qube:sys-log/sys-firewall?since=2025-08-05T00:00:00Z&kind=log");
        assert_eq!(one.origin.as_deref(), Some("sys-firewall"));
        assert_eq!(one.request(), "since 2025-08-05T00:00:00Z\nkind log\n");
        assert_eq!(QubeArchive::parse("/var/log"), None);
    }

    #[test]
    fn bad_addresses_say_what_is_wrong() {
        for (text, error) in [
            ("qube:", "\"\" is no name of a qube"),
            ("qube:../x", "\"..\" is no name of a qube"),
            ("qube:sys-log/a b", "\"a b\" is no name of a qube"),
            ("qube:sys-log?when=now", "\"when\" is none of since, until, kind, id"),
            ("qube:sys-log?since", "\"since\" lacks a value"),
            ("qube:sys-log?id=a\nuntil", "id has no proper value"),
        ] {
            assert_eq!(QubeArchive::parse(text), Some(Err(error.to_owned())), "{text:?}");
        }
    }
}
