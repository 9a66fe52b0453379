//! Which journal entries are the exporter's own.

/// The start of the names of the exporter's units.
const UNIT_PREFIX: &[u8] = b"logvm-exporter";

/// What an entry says in the fields that decide about it. All are written by journald itself (they begin with `_`),
/// so that no sender can claim to be the exporter and thereby stay out of the log: `SYSLOG_IDENTIFIER` is a claim.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// `__CURSOR`: the entry's place in the journal.
    pub cursor: Option<Box<str>>,
    /// `__REALTIME_TIMESTAMP`, microseconds since 1970, when journald received it.
    pub realtime: Option<u64>,
    /// `__MONOTONIC_TIMESTAMP`, microseconds since the boot.
    pub monotonic: Option<u64>,
    /// `_PID`.
    pub pid: Option<u32>,
    /// Whether `_SYSTEMD_UNIT` is one of the exporter's units.
    pub exporter_unit: bool,
    /// `_BOOT_ID`.
    pub boot: Option<Box<str>>,
}

impl Facts {
    /// Notes a text field, if it is one that matters. The first of a name counts.
    pub fn note(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"__CURSOR" => first(&mut self.cursor, text(value)),
            b"__REALTIME_TIMESTAMP" => first(&mut self.realtime, number(value)),
            b"__MONOTONIC_TIMESTAMP" => first(&mut self.monotonic, number(value)),
            b"_BOOT_ID" => first(&mut self.boot, text(value)),
            b"_PID" => first(&mut self.pid, number(value).and_then(|pid| u32::try_from(pid).ok())),
            b"_SYSTEMD_UNIT" => self.exporter_unit = value.starts_with(UNIT_PREFIX) && value.ends_with(b".service"),
            _ => {}
        }
    }
}

fn first<T>(fact: &mut Option<T>, value: Option<T>) {
    if fact.is_none() {
        *fact = value;
    }
}

fn text(value: &[u8]) -> Option<Box<str>> {
    std::str::from_utf8(value).ok().map(Box::from)
}

fn number(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The running exporter, as journald sees it.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// Its process id.
    pub pid: u32,
    /// The id of this boot, 32 hexadecimal digits; empty where there is none.
    pub boot: String,
    /// Microseconds from the boot to its start: an older entry of the same pid is another process.
    pub started: u64,
}

impl Own {
    /// Whether an entry comes from the exporter, or from a program that it runs. Exporting those would feed each
    /// message about exporting back into the export.
    pub fn wrote(&self, entry: &Facts) -> bool {
        let same_process = entry.pid == Some(self.pid)
            && entry.boot.as_deref() == Some(&self.boot)
            && entry.monotonic.is_some_and(|time| time >= self.started);
        entry.exporter_unit || same_process
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(fields: &[(&str, &str)]) -> Facts {
        let mut facts = Facts::default();
        fields.iter().for_each(|(name, value)| facts.note(name.as_bytes(), value.as_bytes()));
        facts
    }

    fn own() -> Own {
        Own { pid: 42, boot: "b1".into(), started: 1000 }
    }

    #[test]
    fn the_unit_and_the_process_are_recognised() {
        assert!(own().wrote(&facts(&[("_SYSTEMD_UNIT", "logvm-exporter.service")])));
        assert!(own().wrote(&facts(&[("_PID", "42"), ("_BOOT_ID", "b1"), ("__MONOTONIC_TIMESTAMP", "2000")])));
    }

    #[test]
    fn nobody_can_claim_to_be_the_exporter() {
        assert!(!own().wrote(&facts(&[("SYSLOG_IDENTIFIER", "logvm-exporter"), ("SYSLOG_PID", "42")])));
        assert!(!own().wrote(&facts(&[("UNIT", "logvm-exporter.service"), ("_PID", "1")])));
    }

    #[test]
    fn a_process_of_another_time_with_the_same_number_is_another() {
        assert!(!own().wrote(&facts(&[("_PID", "42"), ("_BOOT_ID", "b0"), ("__MONOTONIC_TIMESTAMP", "2000")])));
        assert!(!own().wrote(&facts(&[("_PID", "42"), ("_BOOT_ID", "b1"), ("__MONOTONIC_TIMESTAMP", "999")])));
    }
}
