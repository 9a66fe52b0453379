//! What the programs of a qube say: templates, filled in at random.

use super::clock::push;
use super::random::Random;

/// One program's message.
pub struct Message {
    /// Name of the program.
    pub program: &'static str,
    /// Syslog severity, 0 to 7 (RFC 5424, 6.2.1).
    pub severity: u8,
    /// The text.
    pub text: String,
}

const TEMPLATES: &[(&str, u8, &str)] = &[
    ("dnsmasq", 6, "query[A] {name} from {client}"),
    ("dnsmasq", 6, "reply {name} is {server}"),
    ("qrexec-agent", 6, "executed: user:QUBESRPC {service}+{word} {qube} (pid {number})"),
    ("qrexec-agent", 5, "pid {number} exited with 0 after {number} ms: {service}+{word} from {qube}"),
    ("systemd", 6, "Started {unit}.service - run {path} for user {number} in session {hex}."),
    ("systemd", 6, "{unit}.service: Deactivated successfully, consumed {number} ms of CPU time."),
    ("systemd", 4, "{unit}.service: start operation timed out after {number} ms; terminating {path}"),
    ("sshd", 6, "Accepted publickey for user from {server} port {port} ssh2: ED25519 SHA256:{hex}{hex}{hex}"),
    ("sshd", 4, "Failed password for invalid user {word} from {server} port {port} ssh2"),
    ("firefox", 5, "[Child {number}] ###!!! [MessageChannel] Error: channel {hex} closed by {name}, path {path}"),
    ("NetworkManager", 6, "<info> [{number}.{number}] dhcp4 (eth0): state changed bound, address={client}"),
    ("chronyd", 6, "Selected source {server} ({name}), offset -0.{number} s, root delay 0.{number} s"),
    ("nginx", 6, "{server} - - \"GET {path}?session={hex}{hex} HTTP/1.1\" 200 {number} \"https://{name}/\" \"{word}\""),
    ("nginx", 3, "upstream {server}:{port} timed out while reading response header, request {path}, host {name}"),
    ("audit", 5, "type=1400 apparmor=\"ALLOWED\" operation=\"open\" profile=\"{path}\" pid={number} comm=\"{word}\""),
    ("qubes-firewall", 4, "connection from {client} to {name}:{port} was denied by policy {word}{number}"),
];

const RARE: &[(&str, u8, &str)] = &[
    ("kernel", 3, "{word}[{number}]: segfault at {hex} ip {hex} sp {hex} error 4 in libc.so.6[{hex}+{number}]"),
    ("kernel", 3, "Out of memory: Killed process {number} ({word}) total-vm:{number}kB, anon-rss:{number}kB"),
];

const WORDS: &[&str] = &["backup", "browser", "cache", "gpg", "invoice", "mirror", "photos", "sync", "update", "vault"];
const QUBES: &[&str] = &["work", "personal", "untrusted", "mail", "sys-usb", "sys-vpn", "disp4711", "disp1205"];
const SERVICES: &[&str] = &["qubes.Filecopy", "qubes.OpenInVM", "qubes.GetDate", "qubes.UpdatesProxy", "qubes.Gpg"];
const UNITS: &[&str] = &["fstrim", "logrotate", "man-db", "packagekit", "qubes-sync-time", "user-1000", "e2scrub"];
const PATHS: &[&str] = &["/usr/bin/python3", "/usr/lib/qubes/agent", "/api/v2/items", "/static/app.js", "/rw/config"];
const DOMAINS: &[&str] = &["example.org", "example.net", "cdn.example.com", "invalid.test", "mirror.example"];

/// A message at random: about one in 10,000 is of the rare kinds.
pub fn message(random: &mut Random) -> Message {
    let templates = if random.once_in(10_000) { RARE } else { TEMPLATES };
    let (program, severity, template) = random.pick(templates);
    Message { program, severity, text: fill(template, random) }
}

fn fill(template: &str, random: &mut Random) -> String {
    let mut text = String::with_capacity(160);
    let mut pieces = template.split('{');
    text.push_str(pieces.next().unwrap_or(""));
    for piece in pieces {
        let (slot, rest) = piece.split_once('}').unwrap_or((piece, ""));
        fill_slot(slot, random, &mut text);
        text.push_str(rest);
    }
    text
}

fn fill_slot(slot: &str, random: &mut Random, text: &mut String) {
    match slot {
        "client" => push(text, format_args!("10.137.0.{}", random.between(5, 204))),
        "server" => push(text, format_args!("198.51.{}.{}", random.below(256), random.between(1, 254))),
        "name" => push(text, format_args!("host{:05}.{}", random.below(20_000), random.pick(DOMAINS))),
        "port" => push(text, format_args!("{}", random.between(1024, 65_535))),
        "number" => push(text, format_args!("{}", random.between(10, 99_999))),
        "hex" => push(text, format_args!("{:012x}", random.bits() >> 16)),
        "word" => text.push_str(random.pick(WORDS)),
        "qube" => text.push_str(random.pick(QUBES)),
        "service" => text.push_str(random.pick(SERVICES)),
        "unit" => text.push_str(random.pick(UNITS)),
        "path" => text.push_str(random.pick(PATHS)),
        unknown => unreachable!("a template has the unknown slot {unknown}"),
    }
}
