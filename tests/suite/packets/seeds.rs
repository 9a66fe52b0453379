//! The recordings of the simulated network against its truth.
