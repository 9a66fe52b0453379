//! IP addresses as the kernel prints them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an address: dotted IPv4, or IPv6 in full (`%pI6`) or any other valid form.
#[inline]
pub(super) fn parse(text: &[u8]) -> Option<IpAddr> {
    match text.len() {
        7..=15 => v4(text).map(IpAddr::V4).or_else(|| any_v6(text)),
        39 => v6_in_full(text).map(IpAddr::V6).or_else(|| any_v6(text)),
        2..=45 => any_v6(text),
        _ => None,
    }
}

fn v4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut octets, mut at, mut value, mut digits) = ([0_u8; 4], 0, 0_u16, 0);
    for byte in text {
        match byte {
            b'0'..=b'9' if digits == 0 || value > 0 => {
                value = value * 10 + u16::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return None;
                }
            }
            b'.' if digits > 0 && at < 3 => {
                octets[at] = value as u8;
                (at, value, digits) = (at + 1, 0, 0);
            }
            _ => return None,
        }
    }
    octets[at] = value as u8;
    (at == 3 && digits > 0).then(|| Ipv4Addr::from(octets))
}

fn v6_in_full(text: &[u8]) -> Option<Ipv6Addr> {
    let mut bits = 0_u128;
    for (place, byte) in text.iter().enumerate() {
        if place % 5 == 4 {
            if *byte != b':' {
                return None;
            }
            continue;
        }
        bits = bits << 4 | u128::from(char::from(*byte).to_digit(16)?);
    }
    Some(Ipv6Addr::from(bits))
}

fn any_v6(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_std(text in "[0-9.]{1,16}|[0-9a-f:]{1,40}|([0-9]{1,3}\\.){3}[0-9]{1,3}|([0-9a-fA-F]{4}:){7}[0-9a-f]{4}") {
            prop_assert_eq!(parse(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn printed_addresses_are_read(bits in any::<u128>(), small in any::<u32>()) {
            let (v6, v4) = (Ipv6Addr::from(bits), Ipv4Addr::from(small));
            let in_full = v6.segments().map(|s| format!("{s:04x}")).join(":");
            prop_assert_eq!(parse(in_full.as_bytes()), Some(IpAddr::V6(v6)));
            prop_assert_eq!(parse(v6.to_string().as_bytes()), Some(IpAddr::V6(v6)));
            prop_assert_eq!(parse(v4.to_string().as_bytes()), Some(IpAddr::V4(v4)));
        }
    }
}
