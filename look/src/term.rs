//! The terminal: taken over and always given back, its events, and its clipboard.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};

use crate::escape::{self, Form};

pub mod events;

/// Whether the terminal is in our hands, so that it is given back once, whoever is first to do it.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours: raw, on its second screen, with mouse and paste reported. Dropping gives it back.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal over, and makes every later panic give it back before it prints its message.
    ///
    /// # Errors
    /// When standard output is no terminal, or refuses.
    pub fn enter() -> io::Result<Self> {
        give_back_on_panic();
        let guard = Self(());
        take()?;
        Ok(guard)
    }

    /// Takes the terminal over once more, after others had it.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn retake(&self) -> io::Result<()> {
        restore();
        take()
    }

    /// Gives the terminal back, stops the process until the shell continues it, and takes the terminal over again.
    /// Everything has to be drawn again afterwards.
    ///
    /// # Errors
    /// When the process cannot be stopped or the terminal refuses.
    pub fn suspend(&self) -> io::Result<()> {
        restore();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        take()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
}

/// Whether the terminal is ours. A panic of any thread gives it back.
#[must_use]
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Gives the terminal back if it is ours. What fails is left: there is nobody to tell.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let _ = execute!(out, cursor::Show, DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen);
        let _ = out.flush();
        let _ = disable_raw_mode();
    }
}

/// Adds to the panic hook, once for the process. A panic of any thread gives the terminal back, or its message would be
/// lost on the second screen.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
    });
}

/// The most bytes that are copied: with base64 it stays below the 100,000 bytes that terminals take of a sequence.
pub const MAX_COPY: usize = 74_000;

/// Copies text to the terminal's clipboard (OSC 52), each line made harmless: whoever pastes it into a shell runs no
/// control characters. Returns whether all of it had room.
///
/// # Errors
/// When the terminal cannot be written to. Terminals that do not know the sequence ignore it.
pub fn copy(out: &mut impl Write, text: &[u8]) -> io::Result<bool> {
    let (text, complete) = clipboard(text);
    execute!(out, CopyToClipboard::to_clipboard_from(text))?;
    Ok(complete)
}

/// Text for the clipboard, and whether all of it had room.
fn clipboard(text: &[u8]) -> (String, bool) {
    let mut harmless = String::new();
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if number > 0 {
            harmless.push('\n');
        }
        for piece in escape::pieces(line, Form::default()) {
            if harmless.len() + piece.text.len() > MAX_COPY {
                return (harmless, false);
            }
            harmless.push_str(&piece.text);
        }
        if harmless.len() >= MAX_COPY {
            return (harmless, false);
        }
    }
    (harmless, true)
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;

    #[test]
    fn copied_text_is_harmless() {
        let mut out = Vec::new();
        assert!(copy(&mut out, b"a\x1b]52;c;eA==\x07\nrm -rf\r\n").expect("a Vec takes all"));
        let out = String::from_utf8(out).expect("OSC 52 is ASCII");
        let payload = out.strip_prefix("\x1b]52;c;").and_then(|rest| rest.strip_suffix("\x1b\\")).expect("OSC 52");
        let text = base64::engine::general_purpose::STANDARD.decode(payload).expect("base64");
        assert_eq!(String::from_utf8_lossy(&text), "a␛]52;c;eA==␇\nrm -rf␍\n");
    }

    #[test]
    fn copied_text_is_bounded() {
        for text in [vec![b'a'; 1 << 20], vec![b'\n'; 1 << 20], vec![0x1b; 1 << 20]] {
            let (copied, complete) = clipboard(&text);
            assert!(copied.len() <= MAX_COPY && copied.len() > MAX_COPY - 8 && !complete);
        }
        assert_eq!(clipboard(b"all\n"), ("all\n".to_owned(), true));
    }
}
