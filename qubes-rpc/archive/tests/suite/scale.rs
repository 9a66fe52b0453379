//! Many files: a listing and a tar stay in order, whole, and in bounded memory.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::call::{PROGRAM, run};
use crate::store::{Home, segment, text};

/// Files: more than one window. `LOGVM_FILES` sets another number.
fn files() -> u32 {
    std::env::var("LOGVM_FILES").ok().and_then(|files| files.parse().ok()).unwrap_or(70_000)
}

/// Bytes of memory that the process has used at most; it must still be running.
fn peak(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

#[test]
fn many_files_take_no_more_memory_than_some() {
    let home = Home::empty();
    let folder = home.path().join("QubesLogs/work");
    fs::create_dir(&folder).unwrap();
    let first = folder.join(segment(0, 0, ".log"));
    File::create(&first).unwrap();
    for number in 1..files() {
        fs::hard_link(&first, folder.join(segment(number % 24, number, ".log.zst")))
            .or_else(|_| File::create(folder.join(segment(number % 24, number, ".log.zst"))).map(drop))
            .unwrap();
    }
    for arguments in [&["list", "--json"][..], &["fetch"]] {
        let mut command = Command::new(PROGRAM);
        let mut child = command.args(arguments).env("HOME", home.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        // More than a pipe holds is left, so that the process is still there to be measured.
        let mut left = if arguments.len() == 2 { u64::from(files()) - 5000 } else { 0 };
        let mut line = String::new();
        while left > 0 {
            line.clear();
            output.read_line(&mut line).unwrap();
            left -= 1;
        }
        if arguments.len() == 1 {
            // The manifest alone is so long.
            std::io::copy(&mut (&mut output).take(u64::from(files()) * 400), &mut std::io::sink()).unwrap();
        }
        let used = peak(child.id());
        std::io::copy(&mut output, &mut std::io::sink()).unwrap();
        assert!(child.wait().unwrap().success());
        assert!(used < 32 << 20, "{} MiB", used >> 20);
    }
    let list = run(home.path(), &["list", "--json"]).output;
    let starts: Vec<String> = list
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .map(|line| text(&line, "start").to_owned())
        .collect();
    assert_eq!(starts.len(), files() as usize);
    assert!(starts.is_sorted());
}
