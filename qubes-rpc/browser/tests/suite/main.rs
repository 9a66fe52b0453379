//! The browser through its public interfaces: messages and screens, the real terminal, and what it links.

mod dependencies;
mod program;
mod screens;
mod updates;
mod view_service;
mod world;
