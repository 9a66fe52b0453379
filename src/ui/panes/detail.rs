//! Draws the detail drawer.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::framed;
use crate::app::layout::Framed;
use crate::app::panes::detail::{Detail, Record, Section, TreeLine};
use crate::app::wrap::wrap;
use crate::config::Role;
use crate::ui::Look;

/// Draws the drawer with the section that is shown.
pub fn draw(detail: &Detail, area: Framed, look: &Look<'_>, frame: &mut Frame<'_>) {
    let width = usize::from(area.outer.width);
    let titles = detail.record.as_ref().map_or_else(Default::default, |record| titles(detail, record, width, look));
    let inner = framed(area, titles, detail.focused, look, frame);
    let Some(record) = &detail.record else { return };
    match detail.shown() {
        Section::Fields => fields(detail, record, look, inner, frame),
        Section::Raw => raw(detail, record, look, inner, frame),
        Section::Packet => packet(detail, record, look, inner, frame),
    }
}

/// The sections, the shown one in brackets; where the record comes from.
fn titles<'a>(detail: &Detail, record: &Record, width: usize, look: &Look<'_>) -> (Line<'a>, Line<'a>) {
    let names = record.sections().iter().map(|section| {
        if *section == detail.shown() { format!("[{}]", section.name()) } else { format!(" {} ", section.name()) }
    });
    let left: String = [format!("{} ", record.kind.name())].into_iter().chain(names).collect();
    let room = width.saturating_sub(left.len() + 6);
    let right = if room > 12 { look.clip(&record.provenance, room) } else { String::new() };
    (Line::from(left), Line::from(right))
}

fn lines(lines: &[Line<'_>], top: usize, area: Rect, frame: &mut Frame<'_>) {
    for (row, line) in lines.iter().skip(top).take(usize::from(area.height)).enumerate() {
        frame.buffer_mut().set_line(area.x, area.y + row as u16, line, area.width);
    }
}

/// Names and values; the lines of the selected one are kept in view.
fn fields(detail: &Detail, record: &Record, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let column = record.name_width(usize::from(area.width));
    let room = usize::from(area.width).saturating_sub(column + 1);
    let mut all = Vec::new();
    let mut selected = 0..0;
    for (place, (name, value)) in record.fields.iter().enumerate() {
        let first = all.len();
        let name = look.clip(name, column);
        for (part, text) in wrap(value.as_bytes(), room, look.styles.form()).into_iter().enumerate() {
            let name = if part == 0 { name.as_str() } else { "" };
            let name = Span::styled(format!("{name:<column$} "), look.style(Role::Field));
            all.push(Line::from(vec![name, Span::styled(text, look.style(Role::Value))]));
        }
        if place == detail.selected {
            selected = first..all.len();
        }
    }
    let height = usize::from(area.height);
    let top = selected.end.saturating_sub(height).min(selected.start);
    lines(&all, top, area, frame);
    let marked = selected.start - top..(selected.end - top).min(height);
    if detail.focused {
        let at = Rect { y: area.y + marked.start as u16, height: marked.len() as u16, ..area };
        frame.buffer_mut().set_style(at.intersection(area), look.style(Role::Selected));
    }
}

fn raw(detail: &Detail, record: &Record, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let wrapped = wrap(&record.bytes, usize::from(area.width), look.styles.form());
    let mut all: Vec<Line<'_>> = wrapped.into_iter().map(Line::from).collect();
    if record.cut > 0 {
        all.push(Line::styled(format!("{} more bytes", record.cut), look.style(Role::Truncated)));
    }
    lines(&all, detail.top.min(all.len().saturating_sub(usize::from(area.height))), area, frame);
}

/// The tree of layers; beside or below it the bytes, those of the selected line highlighted.
fn packet(detail: &Detail, record: &Record, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let beside = area.width >= HEX_WIDTH + 40;
    let (tree, hex) = if beside {
        let left = area.width - HEX_WIDTH - 1;
        (Rect { width: left, ..area }, Rect { x: area.x + left + 1, width: HEX_WIDTH, ..area })
    } else {
        let upper = area.height.div_ceil(2);
        (Rect { height: upper, ..area }, Rect { y: area.y + upper, height: area.height - upper, ..area })
    };
    draw_tree(detail, &record.tree, look, tree, frame);
    let selected = record.tree.get(detail.selected).map_or(0..0, |line| line.range.clone());
    let per_line = if hex.width >= HEX_WIDTH { 16 } else { 8 };
    let first = (selected.start / per_line).saturating_sub(usize::from(hex.height) / 3);
    for row in 0..hex.height {
        let offset = (first + usize::from(row)) * per_line;
        let Some(bytes) = record.bytes.get(offset..).filter(|rest| !rest.is_empty()) else { break };
        let bytes = &bytes[..bytes.len().min(per_line)];
        let line = hex_line(offset, bytes, per_line, &selected, look);
        frame.buffer_mut().set_line(hex.x, hex.y + row, &line, hex.width);
    }
}

fn draw_tree(detail: &Detail, tree: &[TreeLine], look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let height = usize::from(area.height);
    let first = (detail.selected + 1).saturating_sub(height.div_ceil(2).max(1)).min(tree.len().saturating_sub(height));
    for (row, line) in tree.iter().enumerate().skip(first).take(height) {
        let at = Rect { y: area.y + (row - first) as u16, height: 1, ..area };
        frame.buffer_mut().set_line(at.x, at.y, &tree_line(line, look), at.width);
        if row == detail.selected {
            frame.buffer_mut().set_style(at, look.style(Role::Selected));
        }
    }
}

fn tree_line<'a>(line: &TreeLine, look: &Look<'_>) -> Line<'a> {
    let (name, value) = (look.inert(&line.name), look.inert(&line.value));
    if line.field {
        let name = Span::styled(format!("  {name}: "), look.style(Role::Field));
        return Line::from(vec![name, Span::styled(value, look.style(Role::Value))]);
    }
    let note = Span::styled(format!(" {value}"), look.style(Role::Truncated));
    Line::from(vec![Span::styled(name, look.style(Role::Heading)), note])
}

/// Columns of a line with an offset, 16 bytes and their characters.
const HEX_WIDTH: u16 = 6 + 16 * 3 + 1 + 16;

fn hex_line<'a>(
    offset: usize,
    bytes: &[u8],
    per_line: usize,
    selected: &std::ops::Range<usize>,
    look: &Look<'_>,
) -> Line<'a> {
    let role = |place: usize| if selected.contains(&(offset + place)) { Role::HexSelected } else { Role::Hex };
    let mut spans = vec![Span::styled(format!("{offset:05x} "), look.style(Role::Offset))];
    for place in 0..per_line {
        let text = bytes.get(place).map_or_else(|| "   ".to_owned(), |byte| format!("{byte:02x} "));
        let style = if place < bytes.len() { look.style(role(place)) } else { look.style(Role::Hex) };
        spans.push(Span::styled(text, style));
    }
    spans.push(Span::raw(" "));
    let character = |byte: u8| if (0x20..0x7f).contains(&byte) { char::from(byte).to_string() } else { ".".to_owned() };
    spans.extend(bytes.iter().enumerate().map(|(place, byte)| Span::styled(character(*byte), look.style(role(place)))));
    Line::from(spans)
}
