//! What stands beside the archives: the origins with their quotas, and the alerts.

use logvm_look::config::Role;
use logvm_wire::limits::ALERT_PERCENT;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Widget};

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
    let block = pane(model, Focus::Origins, "origins", look);
    let rows = Rows { items: &model.usage, list: model.origins, focus: Focus::Origins };
    draw(block, area, frame, |width| rows.lines(model, look, |item| usage(item, width, look)));
}

/// Draws the alerts, the latest first.
pub fn alerts(model: &Model, look: &Look<'_>, area: Rect, frame: &mut Frame<'_>) {
    let title = if model.told.is_empty() { "no alerts" } else { "alerts" };
    let block = pane(model, Focus::Alerts, title, look);
    let rows = Rows { items: &model.told, list: model.alerts, focus: Focus::Alerts };
    draw(block, area, frame, |width| rows.lines(model, look, |item| alert(item, width, look)));
}

/// Draws a frame and what `lines` gives for the columns inside.
fn draw(block: Block<'_>, area: Rect, frame: &mut Frame<'_>, lines: impl FnOnce(usize) -> Vec<Line<'static>>) {
    if !area.is_empty() {
        let inside = block.inner(area);
        block.render(area, frame.buffer_mut());
        frame.render_widget(Paragraph::new(lines(usize::from(inside.width))), inside);
    }
}

/// A list of which some rows are visible.
struct Rows<'a, T> {
    items: &'a [T],
    list: List,
    focus: Focus,
}

impl<T> Rows<'_, T> {
    /// The visible rows.
    fn lines(&self, model: &Model, look: &Look<'_>, line: impl Fn(&T) -> Line<'static>) -> Vec<Line<'static>> {
        let visible = self.list.window(self.items.len());
        let rows = visible.clone().zip(self.items.get(visible).unwrap_or_default());
        let lines = rows.map(|(row, item)| {
            let under = model.focus == self.focus && row == self.list.cursor;
            line(item).style(row_style(model, self.focus, under, look))
        });
        lines.collect()
    }
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
