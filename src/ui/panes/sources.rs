//! Draws the list of sources, and below it what is known of the selected one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::framed;
use crate::app::Model;
use crate::app::layout::{Area, Framed};
use crate::app::names::{common_folder, short};
use crate::app::panes::sources::Sources;
use crate::civil;
use crate::config::Role;
use crate::record::{Kind, Precision};
use crate::store::Table;
use crate::ui::Look;

/// Lines about the selected source.
const ABOUT: u16 = 6;

/// Draws the list over everything but the status line.
pub fn draw(model: &Model, sources: &Sources, look: &Look<'_>, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let outer = Area { x: 0, y: 1, width: screen.width, height: screen.height.saturating_sub(2) };
    let inner = Area { x: 1, y: 2, width: outer.width.saturating_sub(2), height: outer.height.saturating_sub(2) };
    let area = Framed { outer, inner, closed: true };
    frame.render_widget(Clear, super::rect(outer, screen));
    frame.buffer_mut().set_style(super::rect(outer, screen), look.style(Role::Overlay));
    let tables = model.snapshot.tables();
    let titles = (Line::from("sources"), Line::from(format!("{}/{}", sources.selected + 1, tables.len())));
    let inner = framed(area, titles, true, look, frame);
    let about = if inner.height > 2 * ABOUT { ABOUT } else { 0 };
    let list = Rect { height: inner.height - about, ..inner };
    let height = usize::from(list.height);
    let common = common_folder(&model.snapshot);
    let first = (sources.selected + 1).saturating_sub(height);
    for (line, table) in model.snapshot.tables().skip(first).take(height).enumerate() {
        let at = Rect { y: list.y + line as u16, height: 1, ..list };
        frame.buffer_mut().set_line(at.x, at.y, &row(table, common, usize::from(at.width), look), at.width);
        if first + line == sources.selected {
            frame.buffer_mut().set_style(at, look.style(Role::Selected));
        }
    }
    if let Some(table) = model.snapshot.tables().nth(sources.selected).filter(|_| about > 0) {
        let below = Rect { y: inner.y + list.height, height: about, ..inner };
        let lines = details(table, look);
        for (line, text) in lines.iter().take(usize::from(about)).enumerate() {
            frame.buffer_mut().set_line(below.x, below.y + line as u16, text, below.width);
        }
    }
}

/// State, records, format, span and name of a source; the end of a long name is what tells sources apart.
fn row<'a>(table: &Table, common: usize, width: usize, look: &Look<'_>) -> Line<'a> {
    let info = &table.info;
    let (state, role) = if !info.errors.is_empty() {
        ("!", Role::Error)
    } else if info.rejected > 0 {
        ("?", Role::Warning)
    } else if info.complete || info.derived {
        (" ", Role::Text)
    } else {
        (look.glyphs.more, Role::Progress)
    };
    let format = if width < 110 { 10 } else { 14 };
    let mut spans = vec![
        Span::styled(format!("{state} "), look.style(role)),
        Span::styled(format!("{:>9} ", info.records()), look.style(Role::Number)),
        Span::raw(format!("{:<format$} ", look.clip(info.format, format))),
    ];
    if width >= 70 {
        spans.push(Span::styled(format!("{:<17} ", span(table)), look.style(Role::Time)));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::raw(look.clip_start(short(&info.name, common), width.saturating_sub(used))));
    Line::from(spans)
}

fn span(table: &Table) -> String {
    let Some((from, to)) = table.span() else { return String::new() };
    let text = |time| civil::time_of_day(time, Precision::Second);
    format!("{}-{}", text(from), text(to))
}

fn details<'a>(table: &Table, look: &Look<'_>) -> Vec<Line<'a>> {
    let info = &table.info;
    let muted = look.style(Role::Heading);
    let counts = Kind::ALL.iter().zip(info.counts).filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(kind, count)| format!("{count} {}", kind.name())).collect();
    let mut lines = vec![
        Line::styled(look.inert(&info.name), muted),
        Line::from(format!("origin {}, {}: {}", look.inert(&info.origin), info.format, look.inert(&info.reason))),
        Line::from(format!("{} in {} bytes; {}", counts.join(", "), info.bytes, dates(table))),
    ];
    lines.extend(info.errors.iter().take(3).map(|error| Line::styled(look.inert(error), look.style(Role::Error))));
    if info.rejected > 0 {
        let text = format!("{} stretches, {} bytes, could not be decoded", info.rejected, info.rejected_bytes);
        lines.push(Line::styled(text, look.style(Role::Warning)));
    }
    let reject = |reject: &crate::decode::Reject| {
        let text = format!("byte {}, {} bytes: {}", reject.offset, reject.length, look.inert(&reject.reason));
        Line::styled(text, look.style(Role::Warning))
    };
    lines.extend(info.rejects.iter().take(3).map(reject));
    lines
}

fn dates(table: &Table) -> String {
    let text = |time| format!("{} {}", civil::date(time), civil::time_of_day(time, Precision::Second));
    table.span().map_or_else(|| "no times".to_owned(), |(from, to)| format!("{} to {}", text(from), text(to)))
}
