//! The TLS ClientHello (RFC 8446, section 4.1.2): server name and application protocols, as far as they were captured.

use std::fmt::Write as _;
use std::ops::Range;

use super::bytes::{be16, byte};

/// Content type of a handshake record.
const HANDSHAKE: u8 = 22;
/// Handshake type of a ClientHello.
const CLIENT_HELLO: u8 = 1;
/// Extension with the server name (RFC 6066, section 3).
const SERVER_NAME: u16 = 0;
/// Extension with the application protocols (RFC 7301).
const ALPN: u16 = 16;
/// Bytes of the header of a record.
pub const RECORD_HEADER: usize = 5;

/// A ClientHello, as far as it was captured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// Legacy version (0x0303 is TLS 1.2 and later), where it was captured.
    pub version: Option<u16>,
    /// Length of the handshake message, its 4-byte header included, where it was captured.
    pub length: Option<u32>,
    /// The server name and where it is in the payload.
    pub server_name: Option<(ServerName, Range<usize>)>,
    /// The application protocols and where their list is in the payload.
    pub protocols: Option<(Vec<String>, Range<usize>)>,
    /// Whether the payload ends before the extensions do: what is absent may only not have been captured.
    pub cut: bool,
}

/// A server name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName {
    /// The name, or its beginning; bytes outside printable ASCII are escaped as `\ddd`.
    pub text: String,
    /// Whether the capture cut it.
    pub cut: bool,
}

impl ClientHello {
    /// Reads the ClientHello with which the payload of a TCP segment starts; `None` when it starts with something else.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        if byte(payload, 0)? != HANDSHAKE || byte(payload, 1)? != 3 || byte(payload, 5)? != CLIENT_HELLO {
            return None;
        }
        let mut hello = Self { version: be16(payload, 9), ..Self::default() };
        hello.length =
            be16(payload, 7).zip(byte(payload, 6)).map(|(low, high)| (u32::from(high) << 16) + u32::from(low) + 4);
        hello.cut = hello.read_body(payload).is_none();
        Some(hello)
    }

    /// `None` when the payload ends too early.
    fn read_body(&mut self, payload: &[u8]) -> Option<()> {
        // Record and handshake header, version and random.
        let mut at = RECORD_HEADER + 4 + 2 + 32;
        at += 1 + usize::from(byte(payload, at)?); // session id
        at += 2 + usize::from(be16(payload, at)?); // cipher suites
        at += 1 + usize::from(byte(payload, at)?); // compression methods
        if self.length.is_some_and(|length| at >= RECORD_HEADER + length as usize) {
            return Some(()); // No extensions at all, as before TLS 1.2.
        }
        let end = at + 2 + usize::from(be16(payload, at)?);
        at += 2;
        while at + 4 <= end {
            let kind = be16(payload, at)?;
            let next = at + 4 + usize::from(be16(payload, at + 2)?);
            self.read_extension(kind, payload, at + 4..next.min(end));
            at = next;
        }
        (payload.len() >= end).then_some(())
    }

    fn read_extension(&mut self, kind: u16, payload: &[u8], range: Range<usize>) {
        let within = payload.get(..range.end).unwrap_or(payload);
        match kind {
            SERVER_NAME if self.server_name.is_none() => self.server_name = server_name(within, range.start),
            ALPN if self.protocols.is_none() => {
                let protocols = protocols(within, range.start + 2);
                self.protocols = Some((protocols, range.start..within.len()));
            }
            _ => {}
        }
    }
}

/// The first host name of the server name extension at `start` of `bytes`, which end with the extension or before.
fn server_name(bytes: &[u8], start: usize) -> Option<(ServerName, Range<usize>)> {
    let host_name = byte(bytes, start + 2)? == 0;
    let length = usize::from(be16(bytes, start + 3)?);
    let from = start + 5;
    let rest = bytes.get(from..).filter(|_| host_name)?;
    let captured = rest.get(..length).unwrap_or(rest);
    let name = ServerName { text: escaped(captured), cut: captured.len() < length };
    Some((name, from..from + captured.len()))
}

fn protocols(bytes: &[u8], mut at: usize) -> Vec<String> {
    let mut names = Vec::new();
    while let Some(name) = byte(bytes, at).and_then(|length| bytes.get(at + 1..at + 1 + usize::from(length))) {
        at += 1 + name.len();
        names.push(escaped(name));
    }
    names
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            0x20..=0x7e => text.push(char::from(*byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\{byte:03}");
            }
        }
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A record with a ClientHello for `name` that offers h2 and http/1.1.
    pub(crate) fn hello(name: &str) -> Vec<u8> {
        let length = |bytes: &[u8]| (bytes.len() as u16).to_be_bytes();
        let entry = [&[0][..], &length(name.as_bytes()), name.as_bytes()].concat();
        let list = [&length(&entry)[..], &entry].concat();
        let sni = [&[0, 0][..], &length(&list), &list].concat();
        let protocols = b"\x00\x10\x00\x0e\x00\x0c\x02h2\x08http/1.1";
        let grease = [0x0a, 0x0a, 0, 0];
        let extensions = [&grease[..], &sni, protocols].concat();
        let mut body = vec![3, 3];
        body.extend([7; 32]);
        body.extend([0, 0, 2, 0x13, 0x01, 1, 0]);
        body.extend(length(&extensions));
        body.extend(extensions);
        let message = [&[1, 0][..], &length(&body), &body].concat();
        [&[22, 3, 1][..], &length(&message), &message].concat()
    }

    #[test]
    fn name_and_protocols_are_read() {
        let bytes = hello("intranet.example");
        let hello = ClientHello::read(&bytes).unwrap();
        let (name, range) = hello.server_name.unwrap();
        assert_eq!((name.text.as_str(), name.cut), ("intranet.example", false));
        assert_eq!(&bytes[range], b"intranet.example");
        assert_eq!(hello.protocols.unwrap().0, ["h2", "http/1.1"]);
        assert_eq!((hello.version, hello.cut), (Some(0x0303), false));
        assert_eq!(hello.length, Some(bytes.len() as u32 - 5));
    }

    #[test]
    fn every_cut_gives_a_beginning() {
        let bytes = hello("intranet.example");
        for end in 6..bytes.len() {
            let hello = ClientHello::read(&bytes[..end]).unwrap();
            assert!(hello.cut, "{end}");
            if let Some((name, _)) = hello.server_name {
                assert!("intranet.example".starts_with(&name.text), "{end}");
                assert_eq!(name.cut, name.text != "intranet.example", "{end}");
            }
        }
    }

    #[test]
    fn other_payloads_are_no_hello() {
        assert_eq!(ClientHello::read(b"GET / HTTP/1.1\r\n"), None);
        assert_eq!(ClientHello::read(&[22, 3, 1, 0, 4, 2]), None);
    }
}
