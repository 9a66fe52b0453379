//! The services as a caller meets them: through their installed files, over sockets, with a hostile store behind.

mod call;
mod fetch;
mod follow;
mod kill;
mod list;
mod manage;
mod race;
mod scale;
mod store;
