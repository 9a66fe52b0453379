//! What a caller asks for: a service and its argument.

/// The version of qrexec's protocol, which limits what fits a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Qubes OS 4.0: 63 bytes for the service with its argument.
    V2,
    /// Qubes OS 4.1 and later: 65,000 bytes.
    #[default]
    V3,
}

impl Protocol {
    fn max(self) -> usize {
        match self {
            Self::V2 => 63,
            Self::V3 => 65_000,
        }
    }
}

/// Longest name of a service without its argument, in bytes.
const SERVICE_MAX: usize = 255;

/// A service and its argument as they reach the called qube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The name of the service.
    pub service: String,
    /// Its argument; empty where there is none.
    pub argument: String,
}

impl Descriptor {
    /// What becomes of `asked`; `None` where it does not fit a call.
    pub fn parse(asked: &[u8], protocol: Protocol) -> Option<Self> {
        let asked = sanitise(asked);
        let (service, argument) = asked.split_once('+').unwrap_or((&asked, ""));
        let fits = asked.len() <= protocol.max() && service.len() <= SERVICE_MAX && !service.is_empty();
        fits.then(|| Self { service: service.to_owned(), argument: argument.to_owned() })
    }

    /// Service and argument, always with a `+` between them.
    pub fn full_name(&self) -> String {
        format!("{}+{}", self.service, self.argument)
    }
}

/// `text` with every byte outside `[A-Za-z0-9_.+-]` replaced by `_`, as the daemon in dom0 does it.
pub fn sanitise(text: &[u8]) -> String {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
    text.iter().map(|&byte| if harmless(byte) { char::from(byte) } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(asked: &str, protocol: Protocol) -> Option<(String, String)> {
        Descriptor::parse(asked.as_bytes(), protocol).map(|found| (found.service, found.argument))
    }

    #[test]
    fn each_foreign_byte_becomes_an_underscore() {
        let found = parse("a.B-c_1+é/../x+y z", Protocol::V3);
        assert_eq!(found, Some(("a.B-c_1".into(), "___.._x+y_z".into())));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(parse(&format!("s+{}", "a".repeat(61)), Protocol::V2).is_some());
        assert!(parse(&format!("s+{}", "a".repeat(62)), Protocol::V2).is_none());
        assert!(parse(&format!("s+{}", "a".repeat(64_998)), Protocol::V3).is_some());
        assert!(parse(&format!("s+{}", "a".repeat(64_999)), Protocol::V3).is_none());
        assert!(parse(&"s".repeat(256), Protocol::V3).is_none());
        assert!(parse("+a", Protocol::V3).is_none());
    }
}
