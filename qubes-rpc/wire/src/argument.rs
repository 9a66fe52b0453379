//! Arguments of qrexec calls. Only `[A-Za-z0-9_.+-]` survive a call, every other byte arrives as `_`; so items are
//! encoded as `encode_for_vmexec` of qubes-core-admin-client does it: `-` becomes `--`, every other byte outside
//! `[A-Za-z0-9_.]` becomes `-XX` (upper-case hexadecimal), and items are joined by `+`.

/// `items` as one argument. No items, and one empty item, both give the empty argument.
pub fn encode(items: &[&[u8]]) -> String {
    let encoded: Vec<String> = items.iter().map(|item| encode_item(item)).collect();
    encoded.join("+")
}

/// The items of `argument`, or `None` where it is not encoded so. The empty argument has no items.
pub fn decode(argument: &str) -> Option<Vec<Vec<u8>>> {
    if argument.is_empty() {
        return Some(Vec::new());
    }
    argument.split('+').map(decode_item).collect()
}

fn encode_item(item: &[u8]) -> String {
    let mut out = String::with_capacity(item.len());
    for &byte in item {
        match byte {
            b'-' => out.push_str("--"),
            byte if is_plain(byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("-{byte:02X}")),
        }
    }
    out
}

fn decode_item(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = match (byte, behind) {
            (b'-', [b'-', behind @ ..]) => {
                out.push(b'-');
                behind
            }
            (b'-', [high, low, behind @ ..]) => {
                out.push(hex(*high)? << 4 | hex(*low)?);
                behind
            }
            (byte, behind) if is_plain(byte) => {
                out.push(byte);
                behind
            }
            _ => return None,
        };
    }
    Some(out)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_encoded_as_qubes_does() {
        // As encode_for_vmexec of qubes-core-admin-client 4.2 gives it.
        assert_eq!(encode(&[b"ls", b"-la", b"/home/user"]), "ls+--la+-2Fhome-2Fuser");
        assert_eq!(encode(&["é".as_bytes(), b"a b"]), "-C3-A9+a-20b");
        assert_eq!(encode(&[b"", b""]), "+");
        assert_eq!(encode(&[]), "");
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let encoded = encode(&[&all, b"", b"x"]);
        assert!(encoded.bytes().all(|byte| is_plain(byte) || matches!(byte, b'+' | b'-')));
        assert_eq!(decode(&encoded), Some(vec![all, Vec::new(), b"x".to_vec()]));
    }

    #[test]
    fn what_is_not_encoded_so_is_refused() {
        for argument in ["-", "a-", "-4", "-4g", "-a0", "a b", "a/b", "é", "---", "+-"] {
            assert_eq!(decode(argument), None, "{argument:?}");
        }
        assert_eq!(decode(""), Some(Vec::new()));
    }
}
