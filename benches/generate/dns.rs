//! DNS messages (RFC 1035) with one question and at most one answer.

use std::net::Ipv4Addr;

/// A query for the address of `name`.
pub fn query(id: u16, name: &str) -> Vec<u8> {
    let mut message = Vec::with_capacity(64);
    message.extend(id.to_be_bytes());
    message.extend([0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend(label.as_bytes());
    }
    message.extend([0, 0, 1, 0, 1]);
    message
}

/// The answer to [`query`]: `address`, for five minutes.
pub fn answer(id: u16, name: &str, address: Ipv4Addr) -> Vec<u8> {
    let mut message = query(id, name);
    message[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1]);
    message.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4]);
    message.extend(address.octets());
    message
}
