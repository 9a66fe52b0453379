//! What the terminal tells, as messages to the model.

use crate::app::{Mouse, MouseKind, Msg};
use crate::term::events::Event;

/// A turn of the wheel moves at most this many steps at once.
const MOST_STEPS: u32 = 50;

/// The messages that an event stands for.
pub fn of(event: Event) -> Vec<Msg> {
    match event {
        Event::Key(chord) => vec![Msg::Key(chord)],
        Event::Paste(text) => vec![Msg::Paste(text)],
        Event::Resize(columns, rows) => vec![Msg::Resize(columns, rows)],
        Event::Click { column, row } | Event::Drag { column, row } => {
            vec![Msg::Mouse(Mouse { kind: MouseKind::Press, column, row })]
        }
        Event::Wheel { column, row, steps, sideways: false } => {
            let kind = if steps < 0 { MouseKind::WheelUp } else { MouseKind::WheelDown };
            let times = steps.unsigned_abs().min(MOST_STEPS);
            (0..times).map(|_| Msg::Mouse(Mouse { kind, column, row })).collect()
        }
        _ => Vec::new(),
    }
}
