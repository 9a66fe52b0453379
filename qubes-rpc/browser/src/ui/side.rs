//! What stands beside the archives: the origins with their quotas, and the alerts.

use logvm_look::config::Role;
use logvm_wire::limits::ALERT_PERCENT;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget};

use super::{Look, pane, row_style};
use crate::alerts::Alert;
use crate::list::List;
use crate::listing::Usage;
use crate::model::{Focus, Model};
use crate::text;

/// Columns of a quota bar.
const BAR: usize = 10;
/// Columns of everything but the name and the bar.
const REST: usize = 17;

/// Draws the origins, the fullest first.
pub fn origins(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    draw(model, Focus::Origins, "origins", (&model.usage, model.origins), look, area, frame, usage);
}

/// Draws the alerts, the latest first.
pub fn alerts(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let title = if model.told.is_empty() { "no alerts" } else { "alerts" };
    draw(model, Focus::Alerts, title, (&model.told, model.alerts), look, area, frame, alert);
}

/// Draws the visible rows of a list.
#[allow(clippy::too_many_arguments)]
fn draw<T>(
    model: &Model,
    focus: Focus,
    title: &str,
    (items, list): (&[T], List),
    look: &Look<'_>,
    area: Rect,
    frame: &mut Frame<'_>,
    line: impl Fn(&T, usize, &Look<'_>) -> Line<'static>,
) {
    if area.is_empty() {
        return;
    }
    let block = pane(model, focus, title, look);
    let inside = block.inner(area);
    block.render(area, frame.buffer_mut());
    let visible = list.window(items.len());
    let rows = visible.clone().zip(items.get(visible).unwrap_or_default());
    let lines = rows.map(|(row, item)| {
        let under = model.focus == focus && row == list.cursor;
        line(item, usize::from(inside.width), look).style(row_style(model, focus, under, look))
    });
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), inside);
}

/// Name, bar, percentage and size of an origin.
fn usage(usage: &Usage, width: usize, look: &Look<'_>) -> Line<'static> {
    let bar = if width > REST + BAR + 8 { BAR } else { 0 };
    let name = width.saturating_sub(REST + bar);
    let mut spans = look.cell(&usage.origin, name, look.styles.origin(&usage.origin));
    match usage.percent() {
        Some(percent) => {
            let style = look.style(fullness(percent));
            spans.push(Span::styled(format!(" {}", self::bar(percent, bar, look)), style));
            spans.push(Span::styled(format!("{:>4} %", percent.min(9999)), style));
        }
        None => spans.push(Span::styled(format!(" {:bar$}{:>6}", "", "-"), look.style(Role::Muted))),
    }
    spans.push(Span::styled(format!(" {:>8}", text::bytes(usage.bytes)), look.style(Role::Number)));
    Line::from(spans)
}

const fn fullness(percent: u64) -> Role {
    match percent {
        100.. => Role::Error,
        ALERT_PERCENT.. => Role::Warning,
        _ => Role::Strip,
    }
}

fn bar(percent: u64, width: usize, look: &Look<'_>) -> String {
    let (full, empty) = if look.styles.ascii() { ("#", ".") } else { ("█", "░") };
    let filled = (usize::try_from(percent.min(100)).unwrap_or(100) * width).div_ceil(100);
    format!("{}{}", full.repeat(filled), empty.repeat(width - filled))
}

/// Time, origin and text of an alert.
fn alert(alert: &Alert, width: usize, look: &Look<'_>) -> Line<'static> {
    let Some(at) = alert.at else {
        return Line::from(look.cell(&alert.text, width, look.style(Role::Warning)));
    };
    let time = text::time(Some(at));
    let mut spans = vec![Span::styled(format!("{} ", time.get(5..16).unwrap_or_default()), look.style(Role::Time))];
    let origin = alert.origin.chars().count().min(12);
    spans.extend(look.cell(&alert.origin, origin, look.styles.origin(&alert.origin)));
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::styled(" ", Style::new()));
    spans.extend(look.cell(&alert.text, width.saturating_sub(used + 1), Style::new()));
    Line::from(spans)
}
