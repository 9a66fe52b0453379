//! `qubes.logs.List`.

use serde_json::Value;

use crate::call::{call, qube};
use crate::store::{Home, segment, text};

fn states(lines: &[Value]) -> Vec<(&str, &str, &str, u64)> {
    let state = |line| (text(line, "origin"), text(line, "kind"), text(line, "state"), line["size"].as_u64().unwrap());
    lines.iter().map(state).collect()
}

#[test]
fn everything_is_listed_and_nothing_else() {
    let home = Home::full();
    let _open = home.open(&format!("QubesLogs/work/{}", segment(6, 7, ".log")), b"torn");
    let list = home.list("");
    let expected = [
        ("sys-net", "log", "closed", 6),
        ("work", "log", "closed", 8),
        ("work", "export", "closed", 18),
        ("work", "log", "compressed", 20),
        ("work", "log", "held", 5),
        ("work", "log", "open", 4),
        ("sys-vpn", "log", "closed", 4),
        ("sys-vpn", "capture", "compressed", 7),
    ];
    assert_eq!(states(&list), expected);
    assert_eq!(text(&list[1], "start"), "2026-11-21T01:00:00.000000Z");
    assert_eq!(text(&list[6], "start"), "2026-11-20T00:00:00.000000Z");
    assert!(list[5]["end"].is_null() && text(&list[1], "end").ends_with('Z'));
    let said = call(&home.qube, "qubes.logs.List", "", "");
    assert!(!String::from_utf8(said.output).unwrap().contains("SECRET"));
    assert!(said.errors.contains("left out: 6"), "{}", said.errors);
}

#[test]
fn an_argument_hides_all_other_origins() {
    let home = Home::full();
    assert_eq!(states(&home.list("sys--net")), [("sys-net", "log", "closed", 6)]);
    assert_eq!(home.list("sys--net+sys--vpn").len(), 3);
    assert_eq!(home.list("nobody"), Vec::<Value>::new());
    assert_eq!(home.list("linked"), Vec::<Value>::new());
}

#[test]
fn an_argument_that_is_no_name_is_refused() {
    let home = Home::full();
    let long = "a".repeat(65_000 - "qubes.logs.List+".len());
    let many = "a".to_owned() + &"+a".repeat(31);
    for argument in ["sys-net", "..", "-2E-2E", "-2E-2E-2Fsecret", "work+", "+", "-", "_", &long, &"a".repeat(63)] {
        let answer = call(&home.qube, "qubes.logs.List", argument, "");
        assert_eq!((answer.code, answer.output.len()), (Some(64), 0), "{}", argument.len());
        assert!(answer.errors.len() < 200, "{}", answer.errors);
    }
    // As long as the old protocol allows with the service's name, and near the longest of the new one.
    assert_eq!(call(&home.qube, "qubes.logs.List", &many[..63 - "qubes.logs.List+".len()], "").code, Some(0));
    let names: Vec<_> = (0..4000).map(|number| format!("work{number:04}--00")).collect();
    let names = names.join("+");
    assert!((50_000..65_000).contains(&names.len()));
    assert_eq!(call(&home.qube, "qubes.logs.List", &names, "").code, Some(0));
}

#[test]
fn an_id_outlives_compression() {
    let home = Home::full();
    let before = home.list("work");
    let work = home.path().join("QubesLogs/work");
    std::fs::rename(work.join(segment(1, 1, ".log")), work.join(segment(1, 1, ".log.zst"))).unwrap();
    let after = home.list("work");
    assert_eq!(before[0]["id"], after[0]["id"]);
    assert_eq!((text(&before[0], "state"), text(&after[0], "state")), ("closed", "compressed"));
    let mut ids: Vec<_> = after.iter().map(|line| text(line, "id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), after.len());
}

#[test]
fn a_copy_that_a_crash_left_is_not_listed_twice() {
    let home = Home::full();
    let count = home.list("").len();
    home.put(&format!("QubesLogs/work/{}", segment(1, 1, ".log.zst")), b"the same");
    assert_eq!(home.list("").len(), count);
    assert_eq!(text(&home.list("work")[0], "state"), "closed");
}

#[test]
fn no_store_is_an_empty_list() {
    let answer = call(&qube(), "qubes.logs.List", "", "");
    assert_eq!((answer.code, answer.output.len()), (Some(0), 0));
}
