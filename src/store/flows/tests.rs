//! Flows from packets that are made by hand.
