//! The line on top, and the line of hints at the bottom.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::Look;
use super::text::sides;
use crate::app::Model;
use crate::app::action::{Action, Context};
use crate::app::layout::SMALLEST;
use crate::app::wrap::wrap;
use crate::config::Role;
use crate::ingest::Progress;

/// The line on top: archive, clock, filter, marks, and how far reading is.
pub fn draw(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let style = look.style(Role::Header);
    let origins = origins(model);
    let mut left = vec![Span::raw(format!(" {}", look.inert(&model.archive)))];
    if !origins.is_empty() {
        left.push(Span::raw(format!("{}{}", look.glyphs.separator, look.inert(&origins))));
    }
    left.push(Span::raw(format!("  t:UTC {}", model.clock.name())));
    left.extend(flags(model, look).into_iter().map(|text| Span::raw(format!("  {text}"))));
    let right = vec![Span::styled(progress(&model.progress), look.style(Role::Progress))];
    frame.buffer_mut().set_style(area, style);
    let line = sides(left, right, usize::from(area.width), look.glyphs.more);
    frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
}

/// The origins that the panes show, each once.
fn origins(model: &Model) -> String {
    let mut names: Vec<&str> = Vec::new();
    for origin in model.panes.iter().filter_map(|pane| pane.scope.origins.as_ref()).flatten() {
        if !names.contains(&&**origin) {
            names.push(origin);
        }
    }
    names.join(",")
}

fn flags(model: &Model, look: &Look<'_>) -> Vec<String> {
    let mut flags = Vec::new();
    if let Some(filter) = &model.filter {
        let state = if model.filter_on { "" } else { " (off)" };
        flags.push(format!("[filter: {}]{state}", look.inert(&filter.expression)));
        let more = if filter.done { "" } else { "+" };
        flags.push(format!("F:{}{more}", filter.found.count()));
    }
    if let Some(search) = &model.search {
        let more = if search.done { "" } else { "+" };
        flags.push(format!("/{}: {}{more}", look.inert(&search.expression), search.found.count()));
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
        (None, None) => keys(model, look),
    };
    frame.buffer_mut().set_style(area, look.style(Role::Status));
    frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
}

fn comment(model: &Model) -> Option<&str> {
    model.cursor().and_then(|cursor| model.marks.get(cursor)).filter(|comment| !comment.is_empty())
}

/// The keys that matter most where the keyboard is, as the keymap has them.
fn keys<'a>(model: &Model, look: &Look<'_>) -> Line<'a> {
    let actions: &[(Action, &str)] = match model.context() {
        Context::Detail => DETAIL,
        Context::Sources => SOURCES,
        Context::Pane | Context::Help => PANE,
    };
    let shown = actions.iter().filter_map(|(action, what)| model.keys.first(*action).map(|key| (key, what)));
    let spans = shown.flat_map(|(key, what)| {
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
