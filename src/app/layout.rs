//! Where the parts of the screen go, at every size.

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Column of its left edge.
    pub x: u16,
    /// Row of its upper edge.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether the cell belongs to it.
    #[must_use]
    pub const fn contains(self, column: u16, row: u16) -> bool {
        column >= self.x && column - self.x < self.width && row >= self.y && row - self.y < self.height
    }

    fn take_top(&mut self, rows: u16) -> Self {
        let rows = rows.min(self.height);
        let top = Self { height: rows, ..*self };
        self.y += rows;
        self.height -= rows;
        top
    }

    fn take_bottom(&mut self, rows: u16) -> Self {
        let rows = rows.min(self.height);
        self.height -= rows;
        Self { y: self.y + self.height, height: rows, ..*self }
    }

    fn take_right(&mut self, columns: u16) -> Self {
        let columns = columns.min(self.width);
        self.width -= columns;
        Self { x: self.x + self.width, width: columns, ..*self }
    }

    /// `parts` pieces beside each other (or above each other), as equal as can be.
    fn divide(self, parts: u16, beside: bool) -> impl Iterator<Item = Self> {
        let whole = u32::from(if beside { self.width } else { self.height });
        let edge = move |part: u16| (whole * u32::from(part) / u32::from(parts.max(1))) as u16;
        (0..parts).map(move |part| {
            let (start, size) = (edge(part), edge(part + 1) - edge(part));
            if beside {
                Self { x: self.x + start, width: size, ..self }
            } else {
                Self { y: self.y + start, height: size, ..self }
            }
        })
    }
}

/// A pane or the drawer: the whole of it and what is inside its frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Framed {
    /// With the frame.
    pub outer: Area,
    /// Without.
    pub inner: Area,
    /// Framed on all sides; else it has only a title line.
    pub closed: bool,
}

impl Framed {
    fn new(outer: Area, closed: bool) -> Self {
        let mut inner = outer;
        inner.take_top(1);
        if closed {
            inner.take_bottom(1);
            inner.x += 1;
            inner.width = inner.width.saturating_sub(2);
        }
        Self { outer, inner, closed }
    }
}

/// How panes are arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// Beside each other.
    #[default]
    Beside,
    /// Above each other.
    Stacked,
    /// Only the focused one.
    Tabs,
}

/// The smallest screen on which records are shown: columns and rows.
pub const SMALLEST: (u16, u16) = (20, 5);

/// What the layout depends on.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// Columns and rows of the screen.
    pub screen: (u16, u16),
    /// How many panes there are.
    pub panes: usize,
    /// Which of them has the focus.
    pub focus: usize,
    /// The detail drawer is open.
    pub drawer: bool,
    /// Lines that the prompt takes; 0 without one.
    pub prompt: u16,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Columns and rows it was made for.
    pub screen: (u16, u16),
    /// The screen is too small to show records.
    pub too_small: bool,
    /// The status line.
    pub status: Area,
    /// The time strip; without height where there is no room.
    pub strip: Area,
    /// The panes; `None` for those that are not visible.
    pub panes: Vec<Option<Framed>>,
    /// How they are arranged.
    pub arrangement: Arrangement,
    /// The detail drawer.
    pub drawer: Option<Framed>,
    /// The prompt, or the line of hints; without height where there is no room.
    pub bottom: Area,
}

impl Layout {
    /// Divides the screen.
    #[must_use]
    pub fn new(needs: Needs) -> Self {
        let (width, height) = needs.screen;
        let mut rest = Area { x: 0, y: 0, width, height };
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return Self { screen: needs.screen, too_small: true, status: rest, ..Self::default() };
        }
        let status = rest.take_top(1);
        let strip = rest.take_top(if height >= 12 { 2 } else { 0 });
        let bottom_lines = if needs.prompt == 0 { u16::from(height >= 8) } else { needs.prompt.min(height - 3) };
        let bottom = rest.take_bottom(bottom_lines);
        let arrangement = arrangement(needs.screen);
        let drawer = if needs.drawer { Some(drawer(&mut rest, arrangement)) } else { None };
        let panes = panes(rest, arrangement, &needs);
        Self { screen: needs.screen, too_small: false, status, strip, panes, arrangement, drawer, bottom }
    }
}

const fn arrangement((width, height): (u16, u16)) -> Arrangement {
    if width < 80 || height < 24 {
        Arrangement::Tabs
    } else if width < 100 {
        Arrangement::Stacked
    } else {
        Arrangement::Beside
    }
}

fn drawer(rest: &mut Area, arrangement: Arrangement) -> Framed {
    match arrangement {
        Arrangement::Tabs => Framed::new(rest.take_bottom(rest.height), false),
        Arrangement::Stacked => Framed::new(rest.take_bottom(rest.height / 2), false),
        Arrangement::Beside if rest.width >= 160 => Framed::new(rest.take_right(rest.width * 2 / 5), true),
        Arrangement::Beside => Framed::new(rest.take_bottom(rest.height / 2), true),
    }
}

/// Columns below which four panes make two rows of two.
const NARROW: u16 = 36;

fn panes(rest: Area, arrangement: Arrangement, needs: &Needs) -> Vec<Option<Framed>> {
    let count = u16::try_from(needs.panes).unwrap_or(u16::MAX).max(1);
    match arrangement {
        Arrangement::Tabs => {
            (0..needs.panes).map(|pane| (pane == needs.focus).then(|| Framed::new(rest, false))).collect()
        }
        Arrangement::Stacked => rest.divide(count, false).map(|area| Some(Framed::new(area, false))).collect(),
        Arrangement::Beside if rest.width / count < NARROW && count > 2 => {
            let upper = count.div_ceil(2);
            let mut rows = rest.divide(2, false);
            let (first, second) = (rows.next().unwrap_or(rest), rows.next().unwrap_or(rest));
            let areas = first.divide(upper, true).chain(second.divide(count - upper, true));
            areas.map(|area| Some(Framed::new(area, true))).collect()
        }
        Arrangement::Beside => rest.divide(count, true).map(|area| Some(Framed::new(area, true))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn areas_never_overlap_and_stay_on_the_screen(width in 0..260u16, height in 0..90u16, panes in 1..5usize,
                                                     drawer: bool, prompt in 0..6u16) {
            let needs = Needs { screen: (width, height), panes, focus: panes - 1, drawer, prompt };
            let layout = Layout::new(needs);
            let framed = layout.panes.iter().flatten().chain(&layout.drawer).map(|f| f.outer);
            let all: Vec<Area> = framed.chain([layout.status, layout.strip, layout.bottom]).collect();
            let mut used = vec![0u8; usize::from(width) * usize::from(height)];
            for area in all {
                for row in area.y..area.y + area.height {
                    for column in area.x..area.x + area.width {
                        prop_assert!(column < width && row < height);
                        used[usize::from(row) * usize::from(width) + usize::from(column)] += 1;
                    }
                }
            }
            prop_assert!(used.iter().all(|cell| *cell == 1), "every cell belongs to one area");
        }
    }

    fn kinds(width: u16, height: u16) -> Arrangement {
        Layout::new(Needs { screen: (width, height), panes: 3, focus: 0, drawer: false, prompt: 0 }).arrangement
    }

    #[test]
    fn narrow_screens_stack_and_small_ones_have_tabs() {
        assert_eq!(kinds(120, 40), Arrangement::Beside);
        assert_eq!(kinds(99, 40), Arrangement::Stacked);
        assert_eq!(kinds(80, 24), Arrangement::Stacked);
        assert_eq!(kinds(79, 24), Arrangement::Tabs);
        assert_eq!(kinds(200, 23), Arrangement::Tabs);
    }
}
