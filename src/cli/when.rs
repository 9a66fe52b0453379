//! Times as people name them on the command line.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::anyhow;

use crate::query::{Context, literal};
use crate::record::Timestamp;

const DAY: i64 = 86_400_000_000_000;

/// A moment: `now`, `today` (midnight, UTC), `yesterday`, `-2h` (before now), or a time as in a filter.
///
/// # Errors
/// When it is none of these.
pub fn moment(text: &str, context: &Context) -> anyhow::Result<Timestamp> {
    relative(text, now()).map_or_else(
        || literal::moment(text, context).map_err(|expected| anyhow!("{text:?} is no time: {expected}")),
        Ok,
    )
}

/// A moment that `text` names by its distance from `now`.
fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let midnight = Timestamp(now.0 - now.0.rem_euclid(DAY));
    match text {
        "now" => Some(now),
        "today" => Some(midnight),
        "yesterday" => Some(midnight.offset(-DAY)),
        _ => text.strip_prefix('-').and_then(literal::duration).map(|ago| now.offset(-ago)),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_parts(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_relative_to_now() {
        let now = Timestamp(1_754_420_042 * 1_000_000_000);
        let seconds = |text: &str| relative(text, now).map(|time| time.0 / 1_000_000_000);
        assert_eq!(seconds("now"), Some(1_754_420_042));
        assert_eq!(seconds("today"), Some(1_754_352_000));
        assert_eq!(seconds("yesterday"), Some(1_754_265_600));
        assert_eq!(seconds("-90m"), Some(1_754_414_642));
        assert_eq!(seconds("-soon"), None);
    }
}
