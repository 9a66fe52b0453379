//! A packet in full, layer by layer, for the detail pane: every field with its place in the captured bytes.
//!
//! What the capture does not contain is said, not left blank: a layer whose end was cut is marked, and a name that may
//! have been sent but was not captured is shown as such.

use std::ops::Range;

use super::bytes::{be16, be32, byte};
use super::link::ether_type;

mod application;
mod link;
mod network;
mod transport;

/// The most layers of a packet that are shown; only hostile packets have more.
const MAX_LAYERS: usize = 32;

/// A layer of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name, such as `TCP`.
    pub name: &'static str,
    /// Its header in the captured bytes.
    pub range: Range<usize>,
    /// Its fields, in the order of the header.
    pub fields: Vec<LayerField>,
    /// Whether the capture ends within it.
    pub truncated: bool,
}

/// A field of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerField {
    /// Its name, as the protocol's specification has it.
    pub name: &'static str,
    /// Its value for a person. It may hold any character: whoever prints it escapes it.
    pub value: String,
    /// Its bytes in the captured bytes; empty for what was not captured.
    pub range: Range<usize>,
}

/// The layers of a frame of which `captured` was kept of `original` bytes.
#[must_use]
pub fn layers(link_type: u16, captured: &[u8], original: u32) -> Vec<Layer> {
    let original = (original as usize).max(captured.len());
    let mut packet = Dissection { bytes: captured, original, layers: Vec::new() };
    let mut rest = link::link(&mut packet, link_type);
    while packet.layers.len() < MAX_LAYERS {
        let Some(next) = step(&mut packet, &rest) else { break };
        rest = next;
    }
    packet.layers
}

fn step(packet: &mut Dissection<'_>, rest: &Rest) -> Option<Rest> {
    match rest.content {
        Content::EtherType(ether_type::IPV4) => network::ipv4(packet, rest),
        Content::EtherType(ether_type::IPV6) => network::ipv6(packet, rest),
        Content::EtherType(ether_type::ARP) => network::arp(packet, rest),
        Content::EtherType(kind) => link::tag(packet, rest, kind),
        Content::Protocol(number) => transport::transport(packet, rest, number),
        Content::Application(ports) => application::application(packet, rest, ports),
        Content::Payload => {
            application::payload(packet, rest);
            None
        }
    }
}

/// A packet, and its layers so far.
struct Dissection<'a> {
    bytes: &'a [u8],
    original: usize,
    layers: Vec<Layer>,
}

/// What has not been read of a packet.
struct Rest {
    content: Content,
    /// Where it starts.
    at: usize,
    /// Where it ended on the wire.
    end: usize,
}

/// What the rest of a packet is.
#[derive(Clone, Copy)]
enum Content {
    EtherType(u16),
    Protocol(u8),
    Application(Ports),
    Payload,
}

/// Transport protocol and ports, by which applications are recognised.
#[derive(Clone, Copy)]
struct Ports {
    protocol: u8,
    source: u16,
    destination: u16,
}

impl Rest {
    const fn new(content: Content, at: usize, end: usize) -> Self {
        Self { content, at, end }
    }
}

/// Collects the fields of a layer that starts at `at`.
struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    layer: Layer,
}

impl<'a> Fields<'a> {
    fn new(packet: &Dissection<'a>, name: &'static str, at: usize) -> Self {
        let layer = Layer { name, range: at..at, fields: Vec::new(), truncated: false };
        Self { bytes: packet.bytes, at, layer }
    }

    /// The captured bytes from the start of the layer on.
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Adds a field of `length` bytes at `offset` of the layer, if `value` could be read; else the layer is truncated.
    fn add(&mut self, name: &'static str, offset: usize, length: usize, value: Option<String>) {
        let start = self.at + offset;
        match value {
            Some(value) => self.layer.fields.push(LayerField { name, value, range: self.clip(start, start + length) }),
            None => self.layer.truncated = true,
        }
    }

    /// Adds a field that says what was not captured.
    fn missing(&mut self, name: &'static str, value: String) {
        self.layer.truncated = true;
        let end = self.bytes.len();
        self.layer.fields.push(LayerField { name, value, range: end..end });
    }

    fn byte(&mut self, name: &'static str, offset: usize, show: impl FnOnce(u8) -> String) -> Option<u8> {
        let value = byte(self.rest(), offset);
        self.add(name, offset, 1, value.map(show));
        value
    }

    fn be16(&mut self, name: &'static str, offset: usize, show: impl FnOnce(u16) -> String) -> Option<u16> {
        let value = be16(self.rest(), offset);
        self.add(name, offset, 2, value.map(show));
        value
    }

    fn be32(&mut self, name: &'static str, offset: usize, show: impl FnOnce(u32) -> String) -> Option<u32> {
        let value = be32(self.rest(), offset);
        self.add(name, offset, 4, value.map(show));
        value
    }

    fn bytes(&mut self, name: &'static str, offset: usize, length: usize, show: impl FnOnce(&[u8]) -> String) {
        let value = self.rest().get(offset..offset + length).map(show);
        self.add(name, offset, length, value);
    }

    /// Ends the layer after `length` bytes and adds it to the packet.
    fn finish(mut self, packet: &mut Dissection<'_>, length: usize) {
        let end = self.at.saturating_add(length);
        self.layer.truncated |= end > self.bytes.len();
        self.layer.range = self.clip(self.at, end);
        packet.layers.push(self.layer);
    }

    fn clip(&self, start: usize, end: usize) -> Range<usize> {
        let end = end.min(self.bytes.len());
        start.min(end)..end
    }
}

/// A number in decimal.
fn decimal<T: ToString>(number: T) -> String {
    number.to_string()
}

/// A number with its name, where it has one: `6 (TCP)`.
fn named(number: u32, name: Option<&str>) -> String {
    name.map_or_else(|| number.to_string(), |name| format!("{number} ({name})"))
}

/// The names of the bits that are set in `flags`, in the order given.
fn words(flags: u32, names: &[(u32, &str)]) -> String {
    let set: Vec<&str> = names.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    if set.is_empty() { "none".to_owned() } else { set.join(" ") }
}

/// Bytes in hexadecimal with colons between, as hardware addresses are written.
fn hex(bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(":")
}

#[cfg(test)]
mod tests;
