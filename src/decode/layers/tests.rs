//! Layers of packets that are made by hand, and of a real one cut at 96 bytes.
