//! Where everything is on the screen.

use crate::model::Focus;

/// The smallest screen that the browser can be used on.
pub const SMALLEST: (u16, u16) = (30, 8);
/// From this many columns on, origins and alerts are beside the archives.
const WIDE: u16 = 100;
/// Columns of origins and alerts beside the archives.
const SIDE: u16 = 38;
/// Rows from which on origins and alerts are below the archives.
const TALL: u16 = 18;
/// Rows of origins and alerts below the archives.
const BELOW: u16 = 6;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub x: u16,
    /// The first row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether a cell is in it.
    #[must_use]
    pub const fn contains(self, column: u16, row: u16) -> bool {
        column >= self.x && column - self.x < self.width && row >= self.y && row - self.y < self.height
    }

    /// The cells within its frame.
    #[must_use]
    pub const fn inner(self) -> Self {
        let (width, height) = (self.width.saturating_sub(2), self.height.saturating_sub(2));
        Self { x: self.x + 1, y: self.y + 1, width, height }
    }
}

/// Where everything is. Panes without room have no cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The line on top.
    pub header: Area,
    /// The archives with their frame.
    pub archives: Area,
    /// The origins with their frame.
    pub origins: Area,
    /// The alerts with their frame.
    pub alerts: Area,
    /// The line at the bottom.
    pub bottom: Area,
    /// The screen is too small for anything.
    pub too_small: bool,
}

impl Layout {
    /// Divides a screen.
    #[must_use]
    pub fn new((width, height): (u16, u16), focus: Focus) -> Self {
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return Self { too_small: true, ..Self::default() };
        }
        let (header, bottom) = (Area { x: 0, y: 0, width, height: 1 }, Area { x: 0, y: height - 1, width, height: 1 });
        let body = Area { x: 0, y: 1, width, height: height - 2 };
        let panes = match (width, height) {
            (WIDE.., _) => beside(body),
            (_, TALL..) => below(body),
            _ => one(body, focus),
        };
        let [archives, origins, alerts] = panes;
        Self { header, archives, origins, alerts, bottom, too_small: false }
    }

    /// The pane of the list that has the keyboard.
    #[must_use]
    pub const fn pane(&self, focus: Focus) -> Area {
        match focus {
            Focus::Archives => self.archives,
            Focus::Origins => self.origins,
            Focus::Alerts => self.alerts,
        }
    }
}

fn beside(body: Area) -> [Area; 3] {
    let side = Area { x: body.width - SIDE, width: SIDE, ..body };
    let upper = side.height.div_ceil(2);
    let origins = Area { height: upper, ..side };
    let alerts = Area { y: side.y + upper, height: side.height - upper, ..side };
    [Area { width: body.width - SIDE, ..body }, origins, alerts]
}

fn below(body: Area) -> [Area; 3] {
    let lower = Area { y: body.y + body.height - BELOW, height: BELOW, ..body };
    let left = lower.width / 2;
    let origins = Area { width: left, ..lower };
    let alerts = Area { x: left, width: lower.width - left, ..lower };
    [Area { height: body.height - BELOW, ..body }, origins, alerts]
}

/// Only the pane that has the keyboard.
fn one(body: Area, focus: Focus) -> [Area; 3] {
    [Focus::Archives, Focus::Origins, Focus::Alerts].map(|pane| if pane == focus { body } else { Area::default() })
}
