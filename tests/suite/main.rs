//! The project's tests that go through public interfaces; one binary, so that it links once.

mod archives;
mod cli;
mod data;
mod formats;
mod guard;
mod layers;
mod linking;
mod packets;
mod qube;
mod queries;
mod reading;
mod readme;
mod screen;
mod sources;
mod terminal;
mod text;
