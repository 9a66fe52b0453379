//! What the flags of TCP segments (RFC 9293) say of a flow.

use crate::decode::Tcp;
use crate::decode::tcp_flags::{ACK, FIN, RST, SYN};
use crate::store::flow::{Flow, Outcome};

/// Whether a SYN segment was sent by the responder; `None` when it is no SYN.
pub(super) fn answers(tcp: Tcp) -> Option<bool> {
    (tcp.flags & SYN != 0).then_some(tcp.flags & ACK != 0)
}

/// The originator's initial sequence number, from its SYN or from the SYN-ACK that acknowledges it.
pub(super) fn initial_sequence(tcp: Tcp) -> Option<u32> {
    Some(if answers(tcp)? { tcp.acknowledgement.wrapping_sub(1) } else { tcp.sequence })
}

/// Whether a segment opens another connection with the addresses and ports of `flow`.
pub(super) fn reuses_ports(flow: &Flow, tcp: Tcp, reversed: bool) -> bool {
    let Some(sequence) = initial_sequence(tcp) else { return false };
    let another = flow.initial_sequence != Some(sequence);
    match (tcp.flags & ACK != 0, reversed) {
        (false, false) => another,
        // Both sides may open at once: the responder has then sent nothing but SYN.
        (false, true) => flow.tcp_flags[1] & !SYN != 0,
        (true, true) => another && is_over(flow),
        (true, false) => is_over(flow),
    }
}

/// Whether the connection was closed, refused or aborted.
pub(super) fn is_over(flow: &Flow) -> bool {
    let [originator, responder] = flow.tcp_flags;
    originator & responder & FIN != 0 || (originator | responder) & RST != 0
}

/// Adds a segment.
pub(super) fn add(flow: &mut Flow, tcp: Tcp, reversed: bool) {
    let [originator, responder] = &mut flow.tcp_flags;
    *if reversed { responder } else { originator } |= tcp.flags;
    flow.outcome = outcome(flow.tcp_flags);
}

fn outcome([originator, responder]: [u8; 2]) -> Outcome {
    let either = originator | responder;
    if either & SYN == 0 {
        Outcome::Midstream
    } else if responder == 0 && originator & ACK == 0 {
        Outcome::NoAnswer
    } else if responder & SYN == 0 && responder & RST != 0 {
        Outcome::Refused
    } else if originator & responder & FIN != 0 {
        Outcome::Closed
    } else if either & RST != 0 {
        Outcome::Reset
    } else {
        Outcome::Open
    }
}
