//! The fields of IP and TCP headers that have columns.

use super::row::Each;
use super::schema::HeaderField;
use super::value::Value;
use crate::record::protocol;
use crate::store::Flow;
use crate::store::segment::{NftColumns, PacketColumns};

/// Fields of the IP and TCP headers that have columns; a length of 0 stands for "not IP".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub id: Option<u16>,
    pub length: Option<u16>,
    pub ttl: Option<u8>,
    pub flags: Option<u8>,
}

impl Header {
    /// What an nft line logged.
    pub fn of_nft(nft: &NftColumns, place: usize) -> Self {
        Self {
            id: nft.has_ip_id.get(place).then(|| nft.ip_id[place]),
            length: Some(nft.ip_length.get(place)),
            ttl: Some(nft.ttl.get(place)),
            flags: (nft.protocol.get(place) == protocol::TCP).then(|| nft.tcp_flags.get(place)),
        }
    }

    /// What was captured of a packet.
    pub fn of_packet(packets: &PacketColumns, row: usize) -> Self {
        let length = Some(packets.ip_length.get(row)).filter(|length| *length > 0);
        Self {
            id: Some(packets.ip_id[row]).filter(|id| *id > 0),
            length,
            ttl: length.map(|_| packets.ttl.get(row)),
            flags: Some(packets.tcp_flags.get(row)).filter(|flags| *flags > 0),
        }
    }

    /// The header of the first packet of a flow.
    pub const fn of_flow(flow: &Flow) -> Self {
        Self { id: flow.ip_id, length: Some(flow.ip_length), ttl: Some(flow.ttl), flags: None }
    }

    /// The value of a field as a number; a flag is 0 or 1.
    pub fn get(&self, field: HeaderField) -> Option<u16> {
        match field {
            HeaderField::Id => self.id,
            HeaderField::Length => self.length,
            HeaderField::Ttl => self.ttl.map(u16::from),
            HeaderField::Flags => self.flags.map(u16::from),
            HeaderField::Flag(flag) => self.flags.map(|flags| u16::from(flags & flag != 0)),
        }
    }

    /// Calls `each` for the value of a field, if there is one.
    pub fn values(&self, field: HeaderField, each: Each<'_>) {
        let is_flag = matches!(field, HeaderField::Flag(_));
        if let Some(number) = self.get(field) {
            each(if is_flag { Value::Boolean(number != 0) } else { Value::Number(u64::from(number)) });
        }
    }
}
