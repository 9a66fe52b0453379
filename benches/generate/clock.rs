//! Times as logs print them.

use std::fmt::Write;

use chrono::DateTime;

/// The first record of all data: 2025-08-31T00:00:00Z, in microseconds since 1970.
pub const START: u64 = 1_756_598_400_000_000;

const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;

/// Prints times; the date is worked out once a day.
#[derive(Default)]
pub struct Clock {
    day: u64,
    iso_date: String,
    syslog_date: String,
}

impl Clock {
    /// Appends `2025-08-31T00:00:00.183307`; `time` is in microseconds since 1970.
    pub fn iso_microseconds(&mut self, time: u64, out: &mut String) {
        self.iso_seconds(time, out);
        push(out, format_args!(".{:06}", time % SECOND));
    }

    /// Appends `2025-08-31T00:00:00`.
    pub fn iso_seconds(&mut self, time: u64, out: &mut String) {
        self.turn_to(time);
        out.push_str(&self.iso_date);
        out.push('T');
        time_of_day(time, out);
    }

    /// Appends `Aug 31 00:00:00` (RFC 3164).
    pub fn syslog(&mut self, time: u64, out: &mut String) {
        self.turn_to(time);
        out.push_str(&self.syslog_date);
        out.push(' ');
        time_of_day(time, out);
    }

    fn turn_to(&mut self, time: u64) {
        let day = time / DAY;
        if day != self.day {
            let date = DateTime::from_timestamp_micros(time as i64).unwrap_or_default();
            self.iso_date = date.format("%Y-%m-%d").to_string();
            self.syslog_date = date.format("%b %e").to_string();
            self.day = day;
        }
    }
}

fn time_of_day(time: u64, out: &mut String) {
    let seconds = time % DAY / SECOND;
    push(out, format_args!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60));
}

/// Appends formatted text; writing to a string cannot fail.
pub fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}
