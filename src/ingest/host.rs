//! The qube that a source names itself, where its path names none.

use crate::civil::Date;
use crate::decode::detect::Format;
use crate::decode::time::Hints;
use crate::decode::{journal, text};
use crate::source::is_qube_name;

/// Lines that are looked at for a host.
const LINES: usize = 50;

/// The host that the first records of a source claim to be from, if it could be the name of a qube.
pub fn claimed_host(format: Format, head: &[u8]) -> Option<String> {
    let host = match format {
        Format::JournalExport => journal::fields(head).find(|(name, _)| *name == b"_HOSTNAME").map(|(_, host)| host),
        Format::LogVm | Format::NftLog | Format::Syslog | Format::Journalctl => {
            // Any year will do to see the host behind a time without one.
            let hints = Hints { date: Date::new(2000, 1, 1), ..Hints::default() };
            let lines = head.split(|byte| *byte == b'\n').take(LINES);
            lines.filter_map(|line| text::parse_line(line, &hints).host).next()
        }
        _ => None,
    };
    host.and_then(|host| std::str::from_utf8(host).ok()).filter(|host| is_qube_name(host)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn journals_and_syslog_name_their_host() {
        assert_eq!(claimed_host(Format::JournalExport, b"__CURSOR=x\n_HOSTNAME=work\n\n").as_deref(), Some("work"));
        assert_eq!(claimed_host(Format::Syslog, b"Aug  5 18:54:07 sys-net kernel: x\n").as_deref(), Some("sys-net"));
        assert_eq!(claimed_host(Format::Syslog, b"Aug  5 18:54:07 ../../etc kernel: x\n"), None);
        assert_eq!(claimed_host(Format::Text, b"work\n"), None);
    }
}
