//! Which name a DNS answer gave for an address.

use std::net::IpAddr;
use std::sync::Arc;

use super::recent::Recent;

/// The most addresses for which names are remembered, by client and over all clients.
const LIMIT: usize = 65_536;

/// Names of addresses, from answers seen so far; those not used for long are forgotten.
#[derive(Debug)]
pub(super) struct Names {
    by_client: Recent<(IpAddr, IpAddr), Arc<str>>,
    by_address: Recent<IpAddr, Arc<str>>,
}

impl Default for Names {
    fn default() -> Self {
        Self { by_client: Recent::new(LIMIT), by_address: Recent::new(LIMIT) }
    }
}

impl Names {
    /// Remembers that `client` was told that `address` belongs to `name`.
    pub(super) fn learn(&mut self, client: IpAddr, address: IpAddr, name: &Arc<str>) {
        self.by_client.insert((client, address), Arc::clone(name));
        self.by_address.insert(address, Arc::clone(name));
    }

    /// The name that `client` was last told for `address`, else the one that any client was told.
    pub(super) fn name_of(&mut self, client: IpAddr, address: IpAddr) -> Option<Arc<str>> {
        let own = self.by_client.get((client, address)).cloned();
        own.or_else(|| self.by_address.get(address).cloned())
    }
}
