//! Journal entries in the export format (systemd's JOURNAL_EXPORT_FORMATS), some fields of them binary.

use std::io::{self, Write};

use super::clock::{START, push};
use super::message::{Message, message};
use super::random::Random;
use super::{Facts, PACE};

const MEAN_ENTRY: u64 = 850;
const BOOT: &str = "1966ac596d38313ae69953a692c7cec5";
const MACHINE: &str = "11a5fe4cfa568cfdee5a01b305a97302";
const UPTIME: u64 = 10_800_000_000;

/// Writes whole entries until `bytes` are reached.
pub fn write(seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<Facts> {
    let mut random = Random::new(seed ^ 0x6a6f_7572_6e61);
    let (mut time, mut written, mut records) = (START, 0, 0);
    while written < bytes {
        time += random.below(2 * PACE * MEAN_ENTRY);
        records += 1;
        let entry = entry(records, time, &mut random);
        out.write_all(&entry)?;
        written += entry.len() as u64;
    }
    Ok(Facts { records, flows: 0 })
}

fn entry(number: u64, time: u64, random: &mut Random) -> Vec<u8> {
    let said = message(random);
    let mut fields = String::with_capacity(1024);
    address_fields(number, time, random, &mut fields);
    process_fields(&said, random, &mut fields);
    let mut entry = fields.into_bytes();
    binary_field("_SELINUX_CONTEXT", b"unconfined\n", &mut entry);
    message_field(&said, random, &mut entry);
    entry.push(b'\n');
    entry
}

fn address_fields(number: u64, time: u64, random: &mut Random, fields: &mut String) {
    let (monotonic, check) = (time - START + UPTIME, random.bits());
    push(fields, format_args!("__CURSOR=s=efaac7865d7b1d1210553879a284e2ed;i={number:x};b={BOOT};"));
    push(fields, format_args!("m={monotonic:x};t={time:x};x={check:x}\n"));
    push(fields, format_args!("__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={monotonic}\n"));
    push(fields, format_args!("_BOOT_ID={BOOT}\n_MACHINE_ID={MACHINE}\n_HOSTNAME=work\n"));
    let sent = time - random.between(10, 500);
    push(fields, format_args!("_TRANSPORT=syslog\n_SOURCE_REALTIME_TIMESTAMP={sent}\n"));
}

fn process_fields(said: &Message, random: &mut Random, fields: &mut String) {
    let Message { program, severity, .. } = said;
    let (pid, user) = (random.between(300, 9_999), random.pick(&[0, 0, 500, 1000]));
    push(fields, format_args!("PRIORITY={severity}\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER={program}\n"));
    push(fields, format_args!("SYSLOG_PID={pid}\n_PID={pid}\n_UID={user}\n_GID={user}\n_COMM={program}\n"));
    push(fields, format_args!("_EXE=/usr/sbin/{program}\n_CMDLINE=/usr/sbin/{program} --foreground\n"));
    push(fields, format_args!("_CAP_EFFECTIVE=1ffffffffff\n_SYSTEMD_CGROUP=/system.slice/{program}.service\n"));
    push(fields, format_args!("_SYSTEMD_UNIT={program}.service\n_SYSTEMD_SLICE=system.slice\n"));
}

/// One message in twenty has two lines, which only the binary form can hold.
fn message_field(said: &Message, random: &mut Random, entry: &mut Vec<u8>) {
    if random.once_in(20) {
        binary_field("MESSAGE", format!("{}\n  second line of it", said.text).as_bytes(), entry);
    } else {
        entry.extend(format!("MESSAGE={}\n", said.text).as_bytes());
    }
}

fn binary_field(name: &str, value: &[u8], entry: &mut Vec<u8>) {
    entry.extend(name.as_bytes());
    entry.push(b'\n');
    entry.extend((value.len() as u64).to_le_bytes());
    entry.extend(value);
    entry.push(b'\n');
}
