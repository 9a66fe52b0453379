//! Link, network and transport layer in one: what the index needs of a captured frame.

use super::{IpPacket, ip, link};

/// Reads the innermost IP packet of a captured frame that was `original` bytes long on the wire.
///
/// `None` when the frame carries no IP, its link type is not known ([`link::name`]), or it was cut before the addresses.
#[must_use]
pub fn decode(link_type: u16, captured: &[u8], original: u32) -> Option<IpPacket<'_>> {
    let (ether_type, at) = link::network(link_type, captured)?;
    ip::decode(ether_type, captured.get(at..)?, original.saturating_sub(at as u32))
}
