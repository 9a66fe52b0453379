//! Which of a record's times is shown.

/// Which of a record's two times is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// LogVM's time where there is one, else the sender's.
    #[default]
    Received,
    /// The sender's time.
    Claimed,
}

impl Clock {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Claimed => "claimed",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Received => Self::Claimed,
            Self::Claimed => Self::Received,
        }
    }
}
