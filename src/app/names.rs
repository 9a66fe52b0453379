//! Names of sources, without what all of them begin with.

use crate::store::Snapshot;

/// The folder that all sources are in: how many bytes of their names it takes, with the slash at its end.
#[must_use]
pub fn common_folder(snapshot: &Snapshot) -> usize {
    let mut names = snapshot.tables().filter(|table| !table.info.derived).map(|table| &*table.info.name);
    let Some(first) = names.next() else { return 0 };
    names.fold(folder(first), |common, name| folder(&first[..shared(&first[..common], name)]))
}

/// A name without the folder that all sources are in.
#[must_use]
pub fn short(name: &str, common: usize) -> &str {
    name.get(common..).filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Bytes up to the last slash, or to the last archive.
fn folder(name: &str) -> usize {
    name.rfind(['/', '!']).map_or(0, |slash| slash + 1)
}

/// Bytes that two names begin with.
fn shared(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    one.floor_char_boundary(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Content, Store, TableIds, TableInfo};

    fn common(names: &[&str]) -> usize {
        let store = Store::new();
        let mut ids = TableIds::new(0..10);
        for name in names {
            let info = TableInfo { name: (*name).into(), ..TableInfo::default() };
            store.add_table(&mut ids, info, Content::None, None);
        }
        common_folder(&store.snapshot())
    }

    #[test]
    fn names_lose_only_whole_folders_that_all_have() {
        assert_eq!(common(&["/a/logs/work/1.log", "/a/logs/word/1.log"]), "/a/logs/".len());
        assert_eq!(common(&["/a/x.tgz!one.pcap", "/a/x.tgz!two.pcap"]), "/a/x.tgz!".len());
        assert_eq!((common(&["one", "two"]), common(&[]), common(&["/a/one"])), (0, 0, 3));
        assert_eq!(common(&["/é/a", "/è/a"]), 1);
        assert_eq!((short("/a/one", 3), short("one", 7), short("x/", 2)), ("one", "one", "x/"));
    }
}
