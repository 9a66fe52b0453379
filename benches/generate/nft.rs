//! Lines of the kernel's nf_log (net/netfilter/nf_log_syslog.c), as `journalctl -k -o short-iso` prints them.

use std::io::{self, Write};

use super::Facts;
use super::clock::{Clock, push};
use super::traffic::{ACK, FIN, PSH, Packet, SYN, Tcp, Traffic};

/// Writes whole lines until `bytes` are reached: one for each packet that a qube sends out.
pub fn write(seed: u64, bytes: u64, out: &mut dyn Write) -> io::Result<Facts> {
    let mut clock = Clock::default();
    let (mut line, mut written, mut records) = (String::new(), 0, 0);
    let mut outgoing = Traffic::new(seed).filter(|packet| packet.from_client);
    while written < bytes
        && let Some(packet) = outgoing.next()
    {
        line.clear();
        append(&packet, &mut clock, &mut line);
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        records += 1;
    }
    Ok(Facts { records, flows: 0 })
}

fn append(packet: &Packet, clock: &mut Clock, line: &mut String) {
    clock.iso_seconds(packet.time, line);
    let qube = packet.tuple.client.octets()[3];
    let rule = rule(packet);
    push(line, format_args!("+00:00 sys-firewall kernel: SYSFW:{rule} IN=vif{qube}.0 OUT=eth0 "));
    push(line, format_args!("MAC=fe:ff:ff:ff:ff:ff:00:16:3e:5e:6c:{qube:02x}:08:00 "));
    let (source, destination) = (packet.tuple.client, packet.tuple.server);
    let (length, id) = (packet.ip_length(), packet.ip_id);
    push(line, format_args!("SRC={source} DST={destination} LEN={length} TOS=0x00 PREC=0x00 TTL=63 ID={id} DF "));
    append_transport(packet, line);
    line.push('\n');
}

fn rule(packet: &Packet) -> &'static str {
    match &packet.tcp {
        _ if packet.dropped => "drop",
        Some(tcp) if tcp.flags != SYN => "fwd",
        _ => "new",
    }
}

fn append_transport(packet: &Packet, line: &mut String) {
    let (source, destination) = (packet.tuple.client_port, packet.tuple.server_port);
    match &packet.tcp {
        Some(tcp) => {
            push(line, format_args!("PROTO=TCP SPT={source} DPT={destination} WINDOW={} RES=0x00 ", tcp.window));
            append_flags(tcp, line);
            line.push_str("URGP=0 ");
        }
        None => {
            let length = packet.payload_length + 8;
            push(line, format_args!("PROTO=UDP SPT={source} DPT={destination} LEN={length} "));
        }
    }
}

fn append_flags(tcp: &Tcp, line: &mut String) {
    for (flag, name) in [(ACK, "ACK "), (PSH, "PSH "), (SYN, "SYN "), (FIN, "FIN ")] {
        if tcp.flags & flag != 0 {
            line.push_str(name);
        }
    }
}
