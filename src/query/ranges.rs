//! Sets of values as inclusive ranges: what every comparison of numbers, times and addresses comes down to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A set of values of an ordered type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges<T> {
    first: (T, T),
    others: Box<[(T, T)]>,
}

impl<T: Copy + Ord> Ranges<T> {
    /// The values from `low` to `high`, both included; none when `low` is above `high`.
    #[must_use]
    pub fn one(low: T, high: T) -> Self {
        Self { first: (low, high), others: Box::default() }
    }

    /// The values in any of `ranges`; `None` without any range.
    #[must_use]
    pub fn many(ranges: &[(T, T)]) -> Option<Self> {
        let (first, others) = ranges.split_first()?;
        Some(Self { first: *first, others: others.into() })
    }

    /// Whether `value` is in the set.
    #[inline]
    #[must_use]
    pub fn contains(&self, value: T) -> bool {
        let within = |range: &(T, T)| range.0 <= value && value <= range.1;
        within(&self.first) || (!self.others.is_empty() && self.others.iter().any(within))
    }

    /// The ranges, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (T, T)> + '_ {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// Whether every value from `low` to `high` is in one of the ranges.
    #[must_use]
    pub fn covers(&self, low: T, high: T) -> bool {
        self.iter().any(|range| range.0 <= low && high <= range.1)
    }

    /// Whether a value from `low` to `high` is in one of the ranges.
    #[must_use]
    pub fn touches(&self, low: T, high: T) -> bool {
        self.iter().any(|range| range.0 <= range.1 && range.0 <= high && low <= range.1)
    }
}

/// The first and the last address of the network of `address` with a prefix of `length` bits; `None` when the
/// address has fewer bits.
#[must_use]
pub fn network(address: IpAddr, length: u8) -> Option<(IpAddr, IpAddr)> {
    match address {
        IpAddr::V4(address) => {
            let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            let base = u32::from(address) & !host;
            (length <= 32).then(|| (Ipv4Addr::from(base).into(), Ipv4Addr::from(base | host).into()))
        }
        IpAddr::V6(address) => {
            let host = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            let base = u128::from(address) & !host;
            (length <= 128).then(|| (Ipv6Addr::from(base).into(), Ipv6Addr::from(base | host).into()))
        }
    }
}

/// The lowest and the highest address of the family of `address`.
#[must_use]
pub const fn family(address: IpAddr) -> (IpAddr, IpAddr) {
    match address {
        IpAddr::V4(_) => (IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V4(Ipv4Addr::BROADCAST)),
        IpAddr::V6(_) => (IpAddr::V6(Ipv6Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::from_bits(u128::MAX))),
    }
}

/// The address after `address`, of the same family.
#[must_use]
pub fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|n| Ipv4Addr::from(n).into()),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|n| Ipv6Addr::from(n).into()),
    }
}

/// The address before `address`, of the same family.
#[must_use]
pub fn previous(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(1).map(|n| Ipv4Addr::from(n).into()),
        IpAddr::V6(address) => u128::from(address).checked_sub(1).map(|n| Ipv6Addr::from(n).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_their_first_and_last_address() {
        let ends = |address: &str, length| network(address.parse().unwrap(), length);
        let pair = |a: &str, b: &str| Some((a.parse().unwrap(), b.parse().unwrap()));
        assert_eq!(ends("10.137.0.17", 16), pair("10.137.0.0", "10.137.255.255"));
        assert_eq!(ends("10.137.0.17", 32), pair("10.137.0.17", "10.137.0.17"));
        assert_eq!(ends("10.137.0.17", 0), pair("0.0.0.0", "255.255.255.255"));
        assert_eq!(ends("10.137.0.17", 33), None);
        assert_eq!(ends("2001:db8::1", 32), pair("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"));
        assert_eq!(ends("::1", 128), pair("::1", "::1"));
        assert_eq!(ends("::1", 129), None);
    }

    #[test]
    fn an_empty_range_touches_nothing() {
        assert!(!Ranges::one(1, 0).touches(0, 9));
        assert!(!Ranges::one(1, 0).contains(1));
        assert!(Ranges::many(&[(1, 0), (4, 5)]).unwrap().touches(5, 9));
    }
}
