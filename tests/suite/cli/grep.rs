//! `logvm grep` does what people who know grep and ripgrep expect.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Run, logvm, logvm_in, logvm_with};
use crate::archives::{archive, gz, member, zst};
use crate::data::seed;

const VERSE: &str = "one two\nthree\nTwo four two\nfive-two\n\nsix\n-x seven\nsecond_two\n";

/// A folder with `verse`, and `other`, in which there is no `two`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("verse"), VERSE).unwrap();
    fs::write(folder.path().join("other"), "nothing\nsix\n").unwrap();
    folder
}

fn grep(arguments: &str) -> Run {
    let arguments: Vec<&str> = ["grep"].into_iter().chain(arguments.split_whitespace()).collect();
    logvm_in(folder().path(), &arguments)
}

#[test]
fn lines_are_selected_as_options_say() {
    for (arguments, stdout) in [
        ("two verse", "one two\nTwo four two\nfive-two\nsecond_two\n"),
        ("-i TWO -m1 verse", "one two\n"),
        ("-i ^two verse", "Two four two\n"),
        ("-S two -c verse", "4\n"),
        ("-S Two verse", "Two four two\n"),
        ("-v o verse", "three\n\nsix\n-x seven\n"),
        ("-w two verse", "one two\nTwo four two\nfive-two\n"),
        ("-w -F -- -x verse", "-x seven\n"),
        ("-F t.o verse", ""),
        ("-F -e two -e six verse", "one two\nTwo four two\nfive-two\nsix\nsecond_two\n"),
        ("-e seven -e three verse", "three\n-x seven\n"),
        ("-e -x verse", "-x seven\n"),
        ("-- -x verse", "-x seven\n"),
        ("^$ -n verse", "5:\n"),
        ("-o t.o verse", "two\ntwo\ntwo\ntwo\n"),
        ("-n -o [Tt]w verse", "1:tw\n3:Tw\n3:tw\n4:tw\n8:tw\n"),
        ("-v -o [oe] verse", "\nsix\n"),
        ("-i -i -n -n ^TWO verse", "3:Two four two\n"),
    ] {
        let run = grep(arguments);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (stdout, ""), "{arguments}");
        assert_eq!(run.status, i32::from(stdout.is_empty()), "{arguments}");
    }
}

#[test]
fn context_is_shown_as_grep_does() {
    for (arguments, stdout) in [
        ("-C1 -n four verse", "2-three\n3:Two four two\n4-five-two\n"),
        ("-A1 four verse", "Two four two\nfive-two\n"),
        ("-B1 four verse", "three\nTwo four two\n"),
        ("-C1 three|six -n verse", "1-one two\n2:three\n3-Two four two\n--\n5-\n6:six\n7--x seven\n"),
        ("-C5 -A0 five -n verse", "1-one two\n2-three\n3-Two four two\n4:five-two\n"),
        ("-m1 -A1 two -n verse", "1:one two\n2-three\n"),
        ("-o -B1 four verse", "three\nfour\n"),
        ("-H -n -B1 four verse", "verse-2-three\nverse:3:Two four two\n"),
    ] {
        assert_eq!(grep(arguments).stdout, stdout, "{arguments}");
    }
}

#[test]
fn sources_are_named_where_there_are_several() {
    grep("two verse other").assert("verse:one two\nverse:Two four two\nverse:five-two\nverse:second_two\n", 0);
    grep("-c six verse other").assert("verse:1\nother:1\n", 0);
    grep("-c two verse other").assert("verse:4\n", 0);
    grep("-h -c six verse other").assert("1\n1\n", 0);
    grep("-l six .").assert("./other\n./verse\n", 0);
    grep("-l two other verse").assert("verse\n", 0);
    grep("-l two other").assert("", 1);
    grep("-c two other").assert("", 1);
    grep("-H six other").assert("other:six\n", 0);
    grep("-q two other verse").assert("", 0);
    grep("-q zzz other verse").assert("", 1);
    logvm_with(VERSE.as_bytes(), &["grep", "-n", "six", "-"]).assert("6:six\n", 0);
}

#[test]
fn wrong_use_is_told_and_ends_with_2() {
    for (arguments, message) in [
        ("a( verse", "    a(\n     ^\nerror: unclosed group\n"),
        ("-e fine -e [z-a] verse", "    [z-a]\n     ^^^\nerror: invalid character class range"),
        ("two nowhere", "logvm: nowhere: No such file or directory"),
        ("two", "name what to search"),
        ("--colour two verse", "unexpected argument '--colour'"),
        ("-A x two verse", "invalid value 'x' for '--after-context <N>'"),
    ] {
        let run = grep(arguments);
        assert!(run.stderr.contains(message), "{arguments}: {}", run.stderr);
        assert_eq!((run.stdout.as_str(), run.status), ("", 2), "{arguments}");
    }
    // One that is missing among others is a gap.
    let run = grep("-c two verse nowhere");
    assert_eq!((run.stdout.as_str(), run.status), ("verse:4\n", 3));
    assert!(run.stderr.contains("nowhere: cannot be read: No such file or directory"), "{}", run.stderr);
}

#[test]
fn members_of_archives_are_searched_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let tar = archive(&[member(b"logs/a.gz", b'0', &gz(b"x\nneedle\n")), member(b"b", b'0', b"needle too\n")]);
    for (name, bytes) in [("x.tar", tar.clone()), ("x.tgz", gz(&tar)), ("x.tar.zst", zst(&tar)), ("odd", zst(&tar))] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let run = logvm_in(folder.path(), &["grep", "-Hn", "needle", name]);
        run.assert(&format!("{name}!logs/a.gz:2:needle\n{name}!b:1:needle too\n"), 0);
    }
    let run = logvm_in(folder.path(), &["grep", "-c", "needle", "x.tgz"]);
    run.assert("x.tgz!logs/a.gz:1\nx.tgz!b:1\n", 0);
}

#[test]
fn journal_entries_are_lines() {
    let path = seed(1).join("input/journal/work.export.gz").display().to_string();
    let entries = logvm(&["grep", "-c", "", &path]);
    // As journal-remote counts them.
    entries.assert("57\n", 0);
    let shown = logvm(&["show", "-o", "jsonl", "-f", "app == systemd", &path]).objects();
    let found = logvm(&["grep", "-n", r" systemd\[", &path]);
    let mut numbers: Vec<u64> = shown.iter().map(|entry| entry["provenance"]["entry"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    let ours: Vec<u64> = found.stdout.lines().map(|line| line.split(':').next().unwrap().parse().unwrap()).collect();
    assert!(!ours.is_empty());
    assert_eq!(ours, numbers);
}

#[test]
fn packets_are_lines_as_in_a_pane() {
    let path = seed(2).join("input/NetLogs/sys-dns/2025-08-28/pcaps-2025-08-28.tgz").display().to_string();
    let lines = logvm(&["grep", "-Hn", "", &path]).stdout;
    let key = |line: &str| {
        let mut parts = line.splitn(3, ':');
        (format!("{}:{}", parts.next().unwrap(), parts.next().unwrap()), parts.next().unwrap().to_owned())
    };
    let lines: HashMap<String, String> = lines.lines().map(key).collect();
    let packets = logvm(&["show", "-o", "jsonl", "-f", "kind == packet", &path]).objects();
    assert_eq!(lines.len(), packets.len());
    for packet in packets {
        let place = &packet["provenance"];
        let line = &lines[&format!("{}:{}", place["source"].as_str().unwrap(), place["frame"])];
        assert!(line.starts_with(packet["text"].as_str().unwrap()), "{line} {packet}");
    }
}

/// Queries that `tshark -Y "dns.flags.response == 0"` shows in the captures of sys-dns.
#[test]
fn names_in_captures_are_found() {
    let path = seed(2).join("input/NetLogs/sys-dns").display().to_string();
    let run = logvm(&["grep", "-h", "-o", r"DNS [A-Z]+ \S+", &path]);
    assert_eq!((run.stdout.lines().count(), run.status), (71, 0));
}

/// Runs ripgrep if it is installed.
fn ripgrep(folder: &Path, arguments: &[&str]) -> Option<Run> {
    let mut command = Command::new("rg");
    command.args(["--no-heading", "--color=never", "--no-config", "--sort=path"]).args(arguments).current_dir(folder);
    let output = command.output().ok()?;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Some(Run { stdout: text(output.stdout), stderr: text(output.stderr), status: output.status.code().unwrap() })
}

#[test]
fn text_is_searched_as_ripgrep_does() {
    let folder = seed(1).join("input");
    for options in [
        "-n kernel",
        "-c SYSFW",
        "-c -v SYSFW",
        "-l curl",
        "-i -n PROTO=udp.*dpt=53",
        "-o -n DPT=[0-9]+",
        "-F -c 10.137.0.17",
        "-n -C2 AAAA|refused",
        "-n -A1 -B3 session",
        "-w -n -m2 TCP|UDP",
        "-S -c tcp",
        "-e SPT=5 -e SPT=6 -c",
        "-v -n kernel|systemd",
        r"-n \bID=6\d{3}\b",
        "-c ^$",
        "-n zzz",
    ] {
        for path in ["QubesLogs", "NetLogs/sys-net/2025-08-05/nft-2025-08-05.log.gz"] {
            let arguments: Vec<&str> = options.split(' ').chain([path]).collect();
            let Some(theirs) = ripgrep(&folder, &[&["-z"], &arguments[..]].concat()) else {
                eprintln!("skipped: rg is not installed");
                return;
            };
            let ours = logvm_in(&folder, &[&["grep"], &arguments[..]].concat());
            // A tab becomes blanks here: nothing from a log may move the cursor.
            let plain = |text: &str| text.replace('\t', " ");
            let squeezed = |text: &str| plain(text).split(' ').filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ");
            assert_eq!(squeezed(&ours.stdout), squeezed(&theirs.stdout), "{options} {path}");
            assert_eq!(ours.status, theirs.status, "{options} {path}");
        }
    }
}
