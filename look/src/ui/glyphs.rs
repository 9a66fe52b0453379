//! Signs and lines, with plain ASCII in their place for consoles that have no others.

use ratatui::symbols::border;

/// The signs of the screen.
#[derive(Debug)]
pub struct Glyphs {
    /// The row under the cursor.
    pub cursor: &'static str,
    /// A marked record.
    pub mark: &'static str,
    /// A record shown as context.
    pub context: &'static str,
    /// Bars of the time strip, from low to high.
    pub bars: [&'static str; 8],
    /// Nothing was captured.
    pub gap: &'static str,
    /// The axis of the time strip.
    pub axis: &'static str,
    /// The axis where nothing was captured.
    pub axis_gap: &'static str,
    /// The cursor on the axis.
    pub here: &'static str,
    /// Between the parts of the status line.
    pub separator: &'static str,
    /// A line that goes on.
    pub more: &'static str,
    /// Lines of frames.
    pub frame: border::Set<'static>,
}

static UNICODE: Glyphs = Glyphs {
    cursor: "▶",
    mark: "◆",
    context: "┊",
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    gap: "░",
    axis: "─",
    axis_gap: "╌",
    here: "▲",
    separator: "▸",
    more: "…",
    frame: border::PLAIN,
};

static ASCII: Glyphs = Glyphs {
    cursor: ">",
    mark: "*",
    context: ":",
    bars: ["_", ".", ",", "-", "=", "+", "#", "@"],
    gap: "/",
    axis: "-",
    axis_gap: " ",
    here: "^",
    separator: ">",
    more: "~",
    frame: border::Set {
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        vertical_left: "|",
        vertical_right: "|",
        horizontal_top: "-",
        horizontal_bottom: "-",
    },
};

/// The signs for a terminal.
#[must_use]
pub const fn of(ascii: bool) -> &'static Glyphs {
    if ascii { &ASCII } else { &UNICODE }
}
