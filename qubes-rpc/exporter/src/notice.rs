//! What the exporter itself says in a stream, as a record in that stream's own format.

use logvm_wire::stamp;

/// The format of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Journal export.
    Export,
    /// Lines of text.
    Lines,
}

/// Records that the rate limit left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dropped {
    /// How many.
    pub records: u64,
    /// How many bytes they had.
    pub bytes: u64,
    /// Cursor of the last one, in a journal.
    pub last: Option<Box<str>>,
}

/// A record that says what was dropped; `wall` is the time in microseconds since 1970.
pub fn dropped(format: Format, dropped: &Dropped, wall: u64) -> Vec<u8> {
    let noun = if format == Format::Export { "entries" } else { "lines" };
    let text = format!("rate limit: dropped {} {noun}, {} bytes", dropped.records, dropped.bytes);
    let mut fields = format!("LOGVM_DROPPED={}\nLOGVM_DROPPED_BYTES={}\n", dropped.records, dropped.bytes);
    if let Some(last) = &dropped.last {
        fields += &format!("LOGVM_DROPPED_LAST_CURSOR={last}\n");
    }
    record(format, &text, &fields, wall)
}

/// A record that says `text`, one line of printable text.
pub fn says(format: Format, text: &str, wall: u64) -> Vec<u8> {
    record(format, text, "", wall)
}

fn record(format: Format, text: &str, fields: &str, wall: u64) -> Vec<u8> {
    match format {
        Format::Export => format!(
            "__REALTIME_TIMESTAMP={wall}\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID={:032x}\nPRIORITY=4\n\
             SYSLOG_IDENTIFIER=logvm-exporter\nMESSAGE={text}\n{fields}\n",
            1
        ),
        Format::Lines => {
            let time = stamp::rfc3339_micros(stamp::from_micros(wall));
            format!("{} logvm-exporter: {text}\n", String::from_utf8_lossy(&time))
        }
    }
    .into_bytes()
}
