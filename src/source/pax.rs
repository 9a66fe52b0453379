//! Records of PAX extended headers (POSIX.1-2001, pax): `LENGTH KEY=VALUE\n`.

/// What the records say about the next member, as far as it matters to a reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// Its path.
    pub path: Option<Vec<u8>>,
    /// Target of a link.
    pub target: Option<Vec<u8>>,
    /// Bytes of contents.
    pub size: Option<u64>,
    /// Whole seconds since the epoch.
    pub modified: Option<i64>,
    /// It is a file with holes, in one of GNU's PAX forms.
    pub sparse: bool,
    /// The payload does not consist of records only.
    pub damaged: bool,
}

/// Reads all records that there are.
pub(super) fn parse(mut payload: &[u8]) -> Records {
    let mut records = Records::default();
    while let Some((key, value, rest)) = split(payload) {
        records.take(key, value);
        payload = rest;
    }
    records.damaged |= payload.iter().any(|byte| *byte != 0);
    records
}

impl Records {
    fn take(&mut self, key: &[u8], value: &[u8]) {
        match key {
            b"path" | b"GNU.sparse.name" => self.path = Some(value.to_vec()),
            b"linkpath" => self.target = Some(value.to_vec()),
            b"size" => {
                self.size = number(value);
                self.damaged |= self.size.is_none();
            }
            b"mtime" => self.modified = value.split(|byte| *byte == b'.').next().and_then(number),
            _ => self.sparse |= key.starts_with(b"GNU.sparse."),
        }
    }
}

/// Key and value of the first record, and what follows it.
fn split(payload: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = payload.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = number(payload.get(..space)?)?;
    let (record, rest) = payload.split_at_checked(length)?;
    let pair = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    Some((&pair[..equals], &pair[equals + 1..], rest))
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}
