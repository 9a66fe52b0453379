//! How the model changes.

use super::action::{Action, Context};
use super::help::Help;
use super::keys::Press;
use super::marks::Marks;
use super::model::{Model, Overlay};
use super::msg::{Cmd, Found, Msg};
use super::panes::detail::Detail;
use super::panes::records::Pane;
use super::panes::sources::Sources;
use super::prompt::Purpose;
use super::scope::Contents;
use crate::config::Chord;
use crate::store::Snapshot;

/// Seconds that a message to the user stays.
const NOTICE_SECONDS: f64 = 8.0;

/// Applies what happened; returns what the layer above has to do.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    match msg {
        Msg::Action(action) => {
            model.notice = None;
            model.refresh();
            model.act(action)
        }
        Msg::Key(chord) => model.press(chord),
        Msg::Paste(text) => model.paste(&text),
        Msg::Mouse(mouse) => {
            model.refresh();
            model.mouse(mouse)
        }
        Msg::Resize(columns, rows) => {
            model.screen = (columns, rows);
            Vec::new()
        }
        Msg::Snapshot(snapshot) => model.take_snapshot(snapshot),
        Msg::Progress(progress) => {
            model.progress = progress;
            model.ask_for_copies().into_iter().collect()
        }
        Msg::Found(found) => model.take_found(found),
        Msg::Copies(copies) => {
            model.take_copies(copies);
            Vec::new()
        }
        Msg::Tick(seconds) => {
            model.now = seconds;
            model.notice = model.notice.take().filter(|(_, since)| seconds - since < NOTICE_SECONDS);
            Vec::new()
        }
    }
}

impl Model {
    /// Gives a key to what takes text, else does what it is bound to.
    fn press(&mut self, chord: Chord) -> Vec<Cmd> {
        self.notice = None;
        self.refresh();
        if self.prompt.is_some() {
            return self.type_key(chord);
        }
        if matches!(self.overlay, Some(Overlay::Finder(_))) {
            return self.press_in_finder(chord);
        }
        match self.key_state.press(&self.keys, chord) {
            Press::Action(action) => self.act(action),
            Press::Pending | Press::Unbound => Vec::new(),
        }
    }

    /// Does what a key asks for, where the keyboard is.
    pub(super) fn act(&mut self, action: Action) -> Vec<Cmd> {
        match self.context() {
            Context::Detail if self.act_on_detail(action) => return Vec::new(),
            Context::Sources if self.act_on_sources(action) => return Vec::new(),
            Context::Help if self.act_on_help(action) => return Vec::new(),
            // What lies over the panes takes the keyboard away from them.
            context @ (Context::Sources | Context::Help) if !action.info().works_in(context) => return Vec::new(),
            _ => {}
        }
        if self.act_on_time(action) || self.act_on_panes(action) {
            return Vec::new();
        }
        self.act_on_program(action)
    }

    /// Actions that move the cursor.
    fn act_on_time(&mut self, action: Action) -> bool {
        let page = self.pane().height.max(2) as i64 - 1;
        match action {
            Action::MoveDown => self.step(1),
            Action::MoveUp => self.step(-1),
            Action::PageDown => self.scroll(page),
            Action::PageUp => self.scroll(-page),
            Action::HalfPageDown => self.scroll(page / 2 + 1),
            Action::HalfPageUp => self.scroll(-(page / 2 + 1)),
            Action::Top => self.jump_with(Pane::first),
            Action::Bottom => self.jump_with(Pane::last),
            Action::MinuteForward => self.move_by_time(60),
            Action::MinuteBack => self.move_by_time(-60),
            Action::NextWarning => self.seek_warning(true),
            Action::PreviousWarning => self.seek_warning(false),
            Action::SearchNext => self.seek_match(true),
            Action::SearchPrevious => self.seek_match(false),
            Action::NextMark => self.seek_mark(true),
            Action::PreviousMark => self.seek_mark(false),
            Action::JumpBack => self.jump_back(),
            Action::JumpForward => self.jump_forward(),
            _ => return false,
        }
        true
    }

    /// Actions that change what is shown and how.
    fn act_on_panes(&mut self, action: Action) -> bool {
        match action {
            Action::NextPane => self.focus_pane((self.focus + 1) % self.panes.len()),
            Action::PreviousPane => self.focus_pane((self.focus + self.panes.len() - 1) % self.panes.len()),
            Action::Split => self.split(),
            Action::ClosePane => self.close_pane(),
            Action::Flows => self.show(Contents::Flows),
            Action::Packets => self.show_packets(),
            Action::Dns => self.show(Contents::Dns),
            Action::ToggleSync => self.toggle_sync(),
            Action::ToggleDelta => self.delta = !self.delta,
            Action::ToggleClock => self.clock = self.clock.other(),
            Action::ToggleFilter => self.toggle_filter(),
            Action::ToggleCopies => self.toggle_copies(),
            Action::ContextMore => self.set_context(self.context.saturating_add(1)),
            Action::ContextLess => self.set_context(self.context.saturating_sub(1)),
            Action::ScrollLeft => self.shift = self.shift.saturating_sub(8),
            Action::ScrollRight => self.shift = (self.shift + 8).min(1 << 16),
            Action::Mark => self.toggle_mark(),
            Action::ClearMarks => self.marks = Marks::default(),
            Action::OpenDetail => self.open_detail(),
            Action::Back => self.back(),
            Action::Sources => self.overlay = Some(Overlay::Sources(Sources::default())),
            Action::Help => self.overlay = Some(Overlay::Help(Help::new(&self.keys, self.context()))),
            Action::Finder => self.open_finder(),
            _ => match action.pane() {
                Some(pane) => self.focus_pane(pane),
                None => return false,
            },
        }
        true
    }

    /// Actions that open a prompt or need the layer above.
    fn act_on_program(&mut self, action: Action) -> Vec<Cmd> {
        match action {
            Action::Search => self.ask(Purpose::Search),
            Action::Filter => self.ask(Purpose::Filter),
            Action::GoToTime => self.ask(Purpose::Time),
            Action::Comment => self.ask(Purpose::Comment),
            Action::Command => self.ask(Purpose::Command),
            Action::FilterIn => return self.filter_value(true),
            Action::FilterOut => return self.filter_value(false),
            Action::Copy => return self.copy(),
            Action::Redraw => return vec![Cmd::Redraw],
            Action::Suspend => return vec![Cmd::Suspend],
            Action::Quit => return vec![Cmd::Quit],
            _ => {}
        }
        Vec::new()
    }

    fn act_on_help(&mut self, action: Action) -> bool {
        if matches!(action, Action::Back | Action::Quit) {
            self.overlay = None;
            return true;
        }
        // The overlay leaves a line free above and below its frame.
        let height = usize::from(self.screen.1).saturating_sub(4).max(1);
        let Some(Overlay::Help(help)) = &mut self.overlay else { return false };
        let page = height as isize;
        help.scroll(
            match action {
                Action::MoveDown => 1,
                Action::MoveUp => -1,
                Action::PageDown => page,
                Action::PageUp => -page,
                Action::HalfPageDown => page / 2,
                Action::HalfPageUp => -(page / 2),
                Action::Top => isize::MIN / 2,
                Action::Bottom => isize::MAX / 2,
                _ => return false,
            },
            height,
        );
        true
    }

    fn open_detail(&mut self) {
        let cursor = self.cursor();
        match &mut self.detail {
            Some(detail) => detail.focused = true,
            None if cursor.is_some() => self.detail = Some(Detail::default()),
            None => self.say("there is no record under the cursor"),
        }
    }

    /// Closes what is open, the topmost first.
    fn back(&mut self) {
        if self.overlay.take().is_some() {
            return;
        }
        match &mut self.detail {
            Some(detail) if detail.focused => detail.focused = false,
            Some(_) => self.detail = None,
            None => self.search = None,
        }
    }

    fn take_snapshot(&mut self, snapshot: Snapshot) -> Vec<Cmd> {
        if snapshot.version == self.snapshot.version && !self.snapshot.tables().len() == 0 {
            return Vec::new();
        }
        self.snapshot = snapshot;
        // What is known of rows that are in larger segments now has to be carried over before panes look for it.
        let mut commands = self.rescan();
        self.suit_panes();
        self.refresh();
        if !self.touched {
            self.pane_mut().first();
            self.follow();
        }
        commands.extend(self.ask_for_copies());
        commands
    }

    fn take_found(&mut self, found: Found) -> Vec<Cmd> {
        let filter = self.filter.as_ref().map(|scan| scan.generation);
        let preview = self.prompt.as_mut().and_then(|prompt| prompt.preview.as_mut());
        let scans = [self.filter.as_mut(), self.search.as_mut(), preview];
        let Some(scan) = scans.into_iter().flatten().find(|scan| scan.generation == found.generation) else {
            return vec![Cmd::CancelScan(found.generation)];
        };
        found.found.into_iter().for_each(|found| scan.found.add(found));
        scan.done = found.done;
        if filter == Some(found.generation) {
            self.filter_changes += 1;
        }
        self.after_found(found.generation);
        Vec::new()
    }
}
