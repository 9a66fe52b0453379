//! The line on top, and the line of hints at the bottom.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::Look;
use crate::app::Model;
use crate::app::action::{Action, Context};
use crate::app::layout::SMALLEST;
use crate::app::wrap::wrap;
use crate::config::Role;
use crate::ingest::Progress;

/// The line on top: archive, whose records the focused pane shows, clock, filter, marks, and how far reading is. Where
/// room is short, the path of the archive is cut first, then the filter.
pub fn draw(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let width = usize::from(area.width);
    let progress = progress(&model.progress);
    let flags: String = flags(model, look).iter().map(|flag| format!("  {flag}")).collect();
    let clock = if width < 40 { String::new() } else { format!("  t:UTC {}", model.clock.name()) };
    let room = width.saturating_sub(clock.width() + flags.width() + progress.width() + 1);
    let wanted = filter(model, look, usize::MAX).width().min(room * 2 / 3);
    let place = place(model, look, room - wanted);
    let filter = filter(model, look, room.saturating_sub(place.width()));
    let left = format!("{place}{clock}{filter}{flags}");
    let progress_room = width.saturating_sub(left.width() + 1);
    frame.buffer_mut().set_style(area, look.style(Role::Header));
    frame.buffer_mut().set_line(area.x, area.y, &Line::raw(look.clip(&left, width)), area.width);
    if progress.width() <= progress_room {
        let x = area.x + (width - progress.width()) as u16;
        let line = Line::styled(progress, look.style(Role::Progress));
        frame.buffer_mut().set_line(x, area.y, &line, area.width);
    }
}

/// The filter, in at most `room` columns where that is enough to tell anything.
fn filter(model: &Model, look: &Look<'_>, room: usize) -> String {
    let Some(filter) = &model.filter else { return String::new() };
    let state = if model.filter_on { "" } else { " (off)" };
    let room = room.saturating_sub("  [filter: ]".len() + state.len()).max(12);
    format!("  [filter: {}]{state}", look.clip(&filter.expression, room))
}

/// The archive and the origins of the focused pane, in at most `room` columns: the end of a long path is what tells
/// archives apart.
fn place(model: &Model, look: &Look<'_>, room: usize) -> String {
    let archive = look.inert(&model.archive);
    let name = archive.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let origins = origins(model, look);
    let choices = [format!(" {archive}{origins}"), format!(" {name}{origins}"), format!(" {name}")];
    let fitting = choices.iter().find(|text| text.width() <= room);
    fitting.cloned().unwrap_or_else(|| look.clip(&choices[1], room))
}

/// Whose records the focused pane shows; where it shows those of all, whose the record under the cursor is.
fn origins(model: &Model, look: &Look<'_>) -> String {
    let pane = model.pane();
    let selected = pane.rows.iter().find(|row| Some(row.key) == pane.cursor).map(|row| &row.origin);
    let names: Vec<&str> = match &pane.scope.origins {
        Some(origins) => origins.iter().map(|origin| &**origin).collect(),
        None => selected.map(|origin| &**origin).into_iter().collect(),
    };
    let names = look.inert(&names.join(","));
    if names.is_empty() { names } else { format!("{}{names}", look.glyphs.separator) }
}

fn flags(model: &Model, look: &Look<'_>) -> Vec<String> {
    let mut flags = Vec::new();
    if let Some(filter) = &model.filter {
        let more = if filter.done { "" } else { "+" };
        flags.push(format!("F:{}{more}", filter.found.count()));
    }
    if let Some(search) = &model.search {
        let more = if search.done { "" } else { "+" };
        flags.push(format!("/{}: {}{more}", look.clip(&search.expression, 20), search.found.count()));
    }
    let pending = model.key_state.pending();
    if !pending.is_empty() {
        flags.push(pending);
    }
    if model.context > 0 {
        flags.push(format!("C:{}", model.context));
    }
    if model.marks.count() > 0 {
        flags.push(format!("marks:{}", model.marks.count()));
    }
    if !model.sync {
        flags.push("not in sync".to_owned());
    }
    flags
}

/// `82% read, 310 MB/s, 3 s left`; after the end how much was read.
fn progress(progress: &Progress) -> String {
    let rate = if progress.seconds > 0.0 { progress.read as f64 / progress.seconds } else { 0.0 };
    if progress.finished {
        return format!("{} read ", bytes(progress.read as f64));
    }
    if progress.total == 0 {
        return "reading ".to_owned();
    }
    let percent = u128::from(progress.read) * 100 / u128::from(progress.total);
    let left = if rate > 0.0 { progress.total.saturating_sub(progress.read) as f64 / rate } else { 0.0 };
    format!("{}% read, {}/s, {:.0} s left ", percent.min(100), bytes(rate), left)
}

fn bytes(count: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let steps = (count.max(1.0).log10() / 3.0) as usize;
    let unit = steps.min(units.len() - 1);
    let value = count / 1000f64.powi(unit as i32);
    if unit == 0 || value >= 10.0 {
        format!("{value:.0} {}", units[unit])
    } else {
        format!("{value:.1} {}", units[unit])
    }
}

/// The bottom line: what the viewer has to say, else the keys that get a newcomer going.
pub fn hint(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    if area.is_empty() {
        return;
    }
    let line = match (&model.notice, comment(model)) {
        (Some((text, _)), _) => Line::styled(format!(" {}", look.inert(text)), look.style(Role::Status)),
        (None, Some(comment)) => {
            Line::styled(format!(" {} {}", look.glyphs.mark, look.inert(comment)), look.style(Role::Comment))
        }
        (None, None) => keys(model, usize::from(area.width), look),
    };
    frame.buffer_mut().set_style(area, look.style(Role::Status));
    frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
}

fn comment(model: &Model) -> Option<&str> {
    model.cursor().and_then(|cursor| model.marks.get(cursor)).filter(|comment| !comment.is_empty())
}

/// The keys that matter most where the keyboard is, as the keymap has them, as many as have room.
fn keys<'a>(model: &Model, width: usize, look: &Look<'_>) -> Line<'a> {
    let actions: &[(Action, &str)] = match model.context() {
        Context::Detail => DETAIL,
        Context::Sources => SOURCES,
        Context::Pane | Context::Help => PANE,
    };
    let shown = actions.iter().filter_map(|(action, what)| model.keys.first(*action).map(|key| (key, what)));
    let mut used = 0;
    let fitting = shown.take_while(|(key, what)| {
        used += key.width() + what.width() + 3;
        used <= width
    });
    let spans = fitting.flat_map(|(key, what)| {
        [Span::styled(format!(" {key}"), look.style(Role::KeyName)), Span::raw(format!(" {what} "))]
    });
    spans.collect()
}

const PANE: &[(Action, &str)] = &[
    (Action::OpenDetail, "detail"),
    (Action::NextPane, "pane"),
    (Action::Search, "search"),
    (Action::Filter, "filter"),
    (Action::GoToTime, "time"),
    (Action::Help, "help"),
    (Action::Finder, "find"),
    (Action::Quit, "quit"),
    (Action::Mark, "mark"),
    (Action::Sources, "sources"),
    (Action::Packets, "packets"),
    (Action::Dns, "dns"),
    (Action::Command, "command"),
];

const DETAIL: &[(Action, &str)] = &[
    (Action::MoveDown, "down"),
    (Action::MoveUp, "up"),
    (Action::NextPane, "section"),
    (Action::Back, "back to the pane"),
    (Action::Copy, "copy"),
    (Action::Help, "help"),
];

const SOURCES: &[(Action, &str)] =
    &[(Action::MoveDown, "down"), (Action::MoveUp, "up"), (Action::OpenDetail, "show"), (Action::Back, "close")];

/// All that is drawn where nothing fits.
pub fn too_small(look: &Look<'_>, frame: &mut Frame<'_>) {
    let area = frame.area();
    let text = format!("{}x{}: too small, {}x{} needed", area.width, area.height, SMALLEST.0, SMALLEST.1);
    for (row, line) in wrap(text.as_bytes(), usize::from(area.width), look.styles.form())
        .iter()
        .take(usize::from(area.height))
        .enumerate()
    {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        frame.buffer_mut().set_line(area.x, y, &Line::styled(line.clone(), look.style(Role::Warning)), area.width);
    }
}
