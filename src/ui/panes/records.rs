//! Draws a list of records.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::framed;
use crate::app::Model;
use crate::app::layout::{Arrangement, Framed};
use crate::app::panes::records::{Pane, Row};
use crate::civil;
use crate::config::Role;
use crate::record::{Kind, Level, Precision};
use crate::ui::Look;

/// The most columns that an origin takes.
const ORIGIN_WIDTH: usize = 12;

/// How the rows of a pane are laid out; the same for all of them.
struct Columns {
    precision: Precision,
    dates: bool,
    delta: bool,
    origin: usize,
    kind: bool,
    level: bool,
}

/// Draws a pane.
pub fn draw(model: &Model, place: usize, area: Framed, look: &Look<'_>, frame: &mut Frame<'_>) {
    let pane = &model.panes[place];
    let drawer = model.detail.as_ref().is_some_and(|detail| detail.focused);
    let focused = place == model.focus && !drawer;
    let titles = titles(model, place, usize::from(area.outer.width), look);
    let inner = framed(area, titles, focused, look, frame);
    if pane.rows.is_empty() {
        let line = Line::styled(empty(model), look.style(Role::Muted));
        frame.buffer_mut().set_line(inner.x, inner.y, &line, if inner.height > 0 { inner.width } else { 0 });
    }
    let columns = Columns::for_pane(model, pane, usize::from(inner.width));
    for (line, row) in pane.rows.iter().enumerate().take(usize::from(inner.height)) {
        let at = Rect { y: inner.y + line as u16, height: 1, ..inner };
        let cursor = Some(row.key) == pane.cursor;
        let text = Line::from(cells(row, cursor, &columns, (usize::from(inner.width), model.shift), look));
        frame.buffer_mut().set_line(at.x, at.y, &text, at.width);
        if cursor {
            let role = if focused { Role::Cursor } else { Role::CursorOther };
            frame.buffer_mut().set_style(at, look.style(role));
        }
    }
}

/// Number and contents at the left; place and count at the right.
fn titles<'a>(model: &Model, place: usize, width: usize, look: &Look<'_>) -> (Line<'a>, Line<'a>) {
    let pane = &model.panes[place];
    let count = match pane.position {
        Some(position) if pane.count > 0 => format!("{}/{}", position + 1, pane.count),
        _ => pane.count.to_string(),
    };
    let tabs = model.layout.arrangement == Arrangement::Tabs && model.panes.len() > 1;
    let number = if tabs { format!("{}/{}", place + 1, model.panes.len()) } else { (place + 1).to_string() };
    let copies = if pane.copies > 0 { format!(" +{} copies", pane.copies) } else { String::new() };
    let title = format!("{number} {}{copies}", pane.scope.title(&model.snapshot));
    let room = width.saturating_sub(count.len() + 6);
    (Line::from(look.clip(&title, room)), Line::from(count))
}

fn empty(model: &Model) -> &'static str {
    match (&model.filter, model.filter_on) {
        (Some(filter), true) if filter.done => " no match",
        (Some(_), true) => " no match so far",
        _ if model.progress.finished => " no records",
        _ => " no records yet",
    }
}

impl Columns {
    fn for_pane(model: &Model, pane: &Pane, width: usize) -> Self {
        let finest = pane.rows.iter().map(|row| row.precision).max().unwrap_or_default();
        let most = match width {
            0..36 => Precision::Second,
            36..70 => Precision::Millisecond,
            _ => Precision::Nanosecond,
        };
        let day = |row: &Row| row.time.map(|time| time.0.div_euclid(86_400_000_000_000));
        let days = pane.rows.windows(2).any(|rows| day(&rows[0]) != day(&rows[1]));
        let origins = pane.rows.iter().map(|row| row.origin.chars().count()).max().unwrap_or(0);
        Self {
            precision: finest.min(most),
            dates: days && width >= 50,
            delta: model.delta,
            origin: if pane.several_origins && width >= 30 { origins.min(ORIGIN_WIDTH) } else { 0 },
            level: pane.scope.contents.has_levels(),
            kind: pane.scope.contents.kinds().len() > 1 && width >= 36,
        }
    }
}

fn cells<'a>(
    row: &Row,
    cursor: bool,
    columns: &Columns,
    (width, shift): (usize, usize),
    look: &Look<'_>,
) -> Vec<Span<'a>> {
    let glyphs = look.glyphs;
    let sign = if row.marked {
        Span::styled(glyphs.mark, look.style(Role::Mark))
    } else if row.context {
        Span::styled(glyphs.context, look.style(Role::Muted))
    } else {
        Span::raw(" ")
    };
    let mut cells = vec![Span::raw(if cursor { glyphs.cursor } else { " " }), sign];
    cells.push(Span::styled(time(row, columns), look.style(Role::Time)));
    if columns.delta {
        let delta = row.delta.map_or_else(String::new, civil::delta);
        cells.push(Span::styled(format!(" {delta:>9}"), look.style(Role::Muted)));
    }
    if columns.level {
        cells.push(Span::styled(format!(" {}", letter(row.level)), look.style(level_role(row.level))));
    }
    if columns.origin > 0 {
        let origin = look.clip(&row.origin, columns.origin);
        cells.push(Span::styled(format!(" {origin:<width$}", width = columns.origin), look.styles.origin(&row.origin)));
    }
    if columns.kind {
        cells.push(Span::styled(format!(" {}", sign_of(row.kind)), look.style(Role::Muted)));
    }
    cells.push(Span::raw(" "));
    let used: usize = cells.iter().map(Span::width).sum();
    cells.extend(line(row, width.saturating_sub(used), shift, look).spans);
    cells
}

/// The time, in as many columns for every row.
fn time(row: &Row, columns: &Columns) -> String {
    let width = civil::width(columns.precision);
    let text =
        row.time.map_or_else(|| "-".to_owned(), |time| civil::time_of_day(time, columns.precision.min(row.precision)));
    let date = row.time.filter(|_| columns.dates).map(civil::date);
    let date = date.and_then(|date| date.get(5..).map(|date| format!("{date} "))).unwrap_or_default();
    format!("{date}{text:<width$}")
}

/// The visible part of the line, with what the search matches.
fn line(row: &Row, room: usize, shift: usize, look: &Look<'_>) -> Line<'static> {
    let role = if row.context { Role::Muted } else { level_role(row.level) };
    let found: Vec<_> = row.found.iter().map(|found| (found.clone(), look.style(Role::Match))).collect();
    look.line(&row.text, shift..shift + room, role, &found)
}

/// A letter for levels that need attention.
const fn letter(level: Level) -> &'static str {
    match level {
        Level::Emergency => "M",
        Level::Alert => "A",
        Level::Critical => "C",
        Level::Error => "E",
        Level::Warning => "W",
        _ => " ",
    }
}

const fn level_role(level: Level) -> Role {
    match level {
        Level::Emergency | Level::Alert | Level::Critical | Level::Error => Role::Error,
        Level::Warning => Role::Warning,
        Level::Notice => Role::Notice,
        Level::Debug => Role::Debug,
        Level::Info | Level::Unknown => Role::Info,
    }
}

const fn sign_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "t",
        Kind::Nft => "n",
        Kind::Journal => "j",
        Kind::Packet => "p",
        Kind::Flow => "f",
        Kind::Dns => "d",
    }
}
