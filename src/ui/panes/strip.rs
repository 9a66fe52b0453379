//! Draws the time strip: bars for density, hatching where nothing was captured, the cursor below.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::Model;
use crate::app::panes::strip::Strip;
use crate::civil;
use crate::config::Role;
use crate::record::{Precision, Timestamp};
use crate::ui::Look;

const HOUR: i64 = 3_600_000_000_000;

/// Draws the strip: one line of bars, one line for the axis.
pub fn draw(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let Some(span) = model.strip.span.filter(|_| area.height >= 2) else { return };
    let bars = Line::from(bars(&model.strip, look));
    frame.buffer_mut().set_line(area.x, area.y, &bars, area.width);
    let axis = Line::from(axis(&model.strip, look));
    let y = area.y + 1;
    frame.buffer_mut().set_line(area.x, y, &axis, area.width);
    let (start, end) = ends(span);
    let line = Rect { y, height: 1, ..area };
    let last = usize::from(area.width).saturating_sub(1);
    let Some((time, cursor)) = model.time.map(|time| (time, model.strip.column(time).min(last))) else { return };
    let from_end = (usize::from(area.width)).saturating_sub(end.width() + 1);
    if cursor > start.width() {
        put(frame, look, line, 0, &format!("{start} "));
    }
    if cursor < from_end {
        put(frame, look, line, from_end, &format!(" {end}"));
    }
    here(time, cursor, from_end, look, line, frame);
}

/// The cursor, with its time at the side that has room.
fn here(time: Timestamp, cursor: usize, end: usize, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let label = if time > Timestamp::MIN {
        format!("{} {}", civil::date(time), civil::time_of_day(time, Precision::Second))
    } else {
        "no time".to_owned()
    };
    let after = cursor + 1 + label.width() < end;
    put(frame, look, area, if after { cursor + 1 } else { cursor.saturating_sub(label.width()) }, &label);
    put(frame, look, area, cursor, look.glyphs.here);
}

fn put(frame: &mut Frame<'_>, look: &Look<'_>, area: Rect, column: usize, text: &str) {
    let column = u16::try_from(column).unwrap_or(area.width).min(area.width);
    let line = Line::styled(text.to_owned(), look.style(Role::StripCursor));
    frame.buffer_mut().set_line(area.x + column, area.y, &line, area.width - column);
}

/// First and last time, as finely as the distance between them needs.
fn ends((from, to): (Timestamp, Timestamp)) -> (String, String) {
    let text = |time| match to.since(from) / HOUR {
        0 => civil::time_of_day(time, Precision::Second),
        1..=24 => civil::time_of_day(time, Precision::Second).chars().take(5).collect(),
        _ => civil::date(time),
    };
    (text(from), text(to))
}

fn bars<'a>(strip: &Strip, look: &Look<'_>) -> Vec<Span<'a>> {
    let most = strip.counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |(column, count): (usize, &u64)| {
        if *count == 0 {
            let gap = strip.covered.as_ref().is_some_and(|covered| !covered.get(column).copied().unwrap_or(true));
            return if gap { Span::styled(look.glyphs.gap, look.style(Role::StripGap)) } else { Span::raw(" ") };
        }
        Span::styled(look.glyphs.bars[height(*count, most)], look.style(Role::Strip))
    };
    strip.counts.iter().enumerate().map(bar).collect()
}

/// The bar for a count, on a logarithmic scale: single records next to thousands stay visible.
fn height(count: u64, most: u64) -> usize {
    let share = ((count + 1) as f64).ln() / ((most + 1) as f64).ln();
    ((share * 8.0).ceil() as usize).clamp(1, 8) - 1
}

fn axis<'a>(strip: &Strip, look: &Look<'_>) -> Vec<Span<'a>> {
    let covered = |column: usize| strip.covered.as_ref().is_none_or(|c| c.get(column).copied().unwrap_or(true));
    let sign = |column| {
        if covered(column) {
            Span::styled(look.glyphs.axis, look.style(Role::Muted))
        } else {
            Span::styled(look.glyphs.axis_gap, look.style(Role::StripGap))
        }
    };
    (0..strip.counts.len()).map(sign).collect()
}
