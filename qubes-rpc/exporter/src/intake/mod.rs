//! From the bytes of a source to the records in a lane's buffer: splits, leaves out, limits.

pub mod export;
pub mod lines;
pub mod own;

use crate::buffer::Buffer;
use crate::notice::{self, Dropped, Format};
use crate::place::{FilePlace, JournalPlace, Mark};
use crate::rate::Rate;
use export::EntrySplitter;
use lines::{LineSplitter, Piece};
use own::{Facts, Own};

/// How long dropped records wait for the notice that counts them, in microseconds.
const NOTICE_DELAY: u64 = 1_000_000;

/// Two clocks of one moment, in microseconds: one that never goes back, and the time of day since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Now {
    /// Since any moment in the past.
    pub monotonic: u64,
    /// Since 1970.
    pub wall: u64,
}

/// What to make of a source's bytes.
#[derive(Debug)]
pub struct Intake {
    splitter: Splitter,
    rest: Rest,
}

#[derive(Debug)]
enum Splitter {
    Journal(EntrySplitter),
    Lines(LineSplitter),
}

/// Everything but the splitter, so that both can be borrowed at once.
#[derive(Debug)]
struct Rest {
    own: Own,
    rate: Rate,
    dropped: Dropped,
    /// When the first of `dropped` was dropped, on the monotonic clock.
    dropped_at: u64,
    /// Mark of the last dropped record.
    dropped_mark: Option<Mark>,
    /// Whether the line that is being read is dropped.
    dropping_line: bool,
    /// How far the journal was read.
    journal: JournalPlace,
    /// While the journal is read again from its start: what was read before.
    replay: Option<JournalPlace>,
    /// The file that is being read; none for standard input.
    file: Option<(u64, u64)>,
    /// Bytes of the file that were there before it was opened, which no rate limits.
    backlog: u64,
    /// The place that needs no acknowledgement, because nothing was sent before it.
    passed: Option<Mark>,
}

impl Intake {
    /// An intake of journal entries after `place`, each at most `entry_limit` bytes.
    pub fn journal(entry_limit: usize, rate: Rate, own: Own, place: JournalPlace) -> Self {
        let splitter = Splitter::Journal(EntrySplitter::new(entry_limit));
        Intake { splitter, rest: Rest { own, journal: place, ..Rest::new(rate) } }
    }

    /// An intake of lines.
    pub fn lines(rate: Rate) -> Self {
        Intake { splitter: Splitter::Lines(LineSplitter::default()), rest: Rest::new(rate) }
    }

    /// The format of the records.
    pub fn format(&self) -> Format {
        match self.splitter {
            Splitter::Journal(_) => Format::Export,
            Splitter::Lines(_) => Format::Lines,
        }
    }

    /// Takes bytes of the source; puts its records into `buffer`.
    pub fn read(&mut self, bytes: &[u8], now: Now, buffer: &mut Buffer) {
        let rest = &mut self.rest;
        match &mut self.splitter {
            Splitter::Journal(splitter) => {
                splitter.feed(bytes, &mut |entry, facts| rest.entry(entry, facts, now, buffer));
            }
            Splitter::Lines(splitter) => splitter.feed(bytes, &mut |piece| rest.piece(piece, now, buffer)),
        }
    }

    /// The source ends or is replaced: what is left of it, and the count of what was dropped, go into `buffer`.
    pub fn finish(&mut self, now: Now, buffer: &mut Buffer) {
        let rest = &mut self.rest;
        match &mut self.splitter {
            Splitter::Journal(splitter) => splitter.reset(),
            Splitter::Lines(splitter) => splitter.finish(&mut |piece| rest.piece(piece, now, buffer)),
        }
        self.notice(now, buffer);
    }

    /// Goes on with the file at `place`, of which `backlog` bytes were there before.
    pub fn file(&mut self, place: FilePlace, backlog: u64) {
        self.splitter = Splitter::Lines(LineSplitter::at(place.offset));
        self.rest.file = Some(place.identity);
        self.rest.backlog = backlog;
    }

    /// The journal no longer has the cursor and is read from its start: entries that were read before are left out.
    pub fn replay(&mut self, now: Now, buffer: &mut Buffer) {
        self.rest.replay = Some(self.rest.journal.clone());
        let text = "the journal no longer has the entry that was exported last; entries may be missing here";
        buffer.push(&notice::says(Format::Export, text, now.wall), None);
    }

    /// Cursor of the last entry that was read.
    pub fn cursor(&self) -> Option<&str> {
        self.rest.journal.cursor.as_deref()
    }

    /// The source was not read for `micros`, because the LogVM did not take more.
    pub fn held_back(&mut self, micros: u64) {
        if self.format() == Format::Lines {
            self.rest.rate.grant(micros);
        }
    }

    /// When a notice about dropped records is due, on the monotonic clock.
    pub fn notice_due(&self) -> Option<u64> {
        self.rest.has_dropped().then(|| self.rest.dropped_at.saturating_add(NOTICE_DELAY))
    }

    /// Puts the notice about dropped records into `buffer`, if there are any.
    pub fn notice(&mut self, now: Now, buffer: &mut Buffer) {
        self.rest.notice(self.format(), now, buffer);
    }

    /// A mark that was passed while nothing was waiting for acknowledgement.
    pub fn take_passed(&mut self) -> Option<Mark> {
        self.rest.passed.take()
    }
}

impl Rest {
    fn new(rate: Rate) -> Self {
        Rest {
            own: Own::default(),
            rate,
            dropped: Dropped::default(),
            dropped_at: 0,
            dropped_mark: None,
            dropping_line: false,
            journal: JournalPlace::default(),
            replay: None,
            file: None,
            backlog: 0,
            passed: None,
        }
    }

    fn has_dropped(&self) -> bool {
        self.dropped.bytes > 0
    }

    /// A journal entry is limited by journald's own clock: an old backlog is no flood, however fast it is read.
    fn entry(&mut self, entry: &[u8], facts: &Facts, now: Now, buffer: &mut Buffer) {
        let mark = facts.cursor.clone().map(Mark::Cursor);
        if let Some(cursor) = &facts.cursor {
            if self.replay.as_ref().is_some_and(|read| read.contains(cursor)) {
                return;
            }
            self.journal.advance(cursor);
        }
        if self.own.wrote(facts) {
            self.pass(mark, buffer);
        } else if self.rate.admits(facts.realtime.unwrap_or(now.wall)) {
            self.notice(Format::Export, now, buffer);
            buffer.push(entry, mark);
        } else {
            self.dropped.last.clone_from(&facts.cursor);
            self.drop(entry.len(), true, mark, now);
        }
    }

    fn piece(&mut self, piece: Piece<'_>, now: Now, buffer: &mut Buffer) {
        let place = |identity| FilePlace { identity, offset: piece.offset, print: piece.print };
        let mark = self.file.map(|identity| Mark::File(place(identity)));
        if piece.begins {
            self.dropping_line = piece.offset > self.backlog && !self.rate.admits(now.monotonic);
        }
        if self.dropping_line {
            self.drop(piece.bytes.len(), piece.begins, mark, now);
        } else {
            self.notice(Format::Lines, now, buffer);
            buffer.push(piece.bytes, mark);
        }
    }

    /// Leaves a record out that needs no count. While dropped ones wait for their notice, their mark moves on instead.
    fn pass(&mut self, mark: Option<Mark>, buffer: &mut Buffer) {
        if self.has_dropped() {
            self.dropped_mark = mark.or(self.dropped_mark.take());
        } else if let Some(mark) = mark {
            self.passed = buffer.pass(mark).or(self.passed.take());
        }
    }

    fn drop(&mut self, bytes: usize, begins: bool, mark: Option<Mark>, now: Now) {
        if !self.has_dropped() {
            self.dropped_at = now.monotonic;
        }
        self.dropped.records += u64::from(begins);
        self.dropped.bytes += bytes as u64;
        self.dropped_mark = mark.or(self.dropped_mark.take());
    }

    fn notice(&mut self, format: Format, now: Now, buffer: &mut Buffer) {
        if self.has_dropped() {
            let dropped = std::mem::take(&mut self.dropped);
            buffer.push(&notice::dropped(format, &dropped, now.wall), self.dropped_mark.take());
        }
    }
}
