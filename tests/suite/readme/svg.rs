//! A screen as an SVG picture.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

const CELL: (f64, f64) = (8.0, 17.0);
const GROUND: &str = "#16181d";
const TEXT: &str = "#d8dee9";

/// Draws every cell of a screen with its colours.
pub fn render(buffer: &Buffer) -> String {
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let (width, height) = (f64::from(columns) * CELL.0 + 16.0, f64::from(rows) * CELL.1 + 16.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"monospace\" \
         font-size=\"13\" xml:space=\"preserve\">\n<rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{GROUND}\"/>\n"
    );
    for y in 0..rows {
        for run in runs(buffer, y) {
            svg.push_str(&draw(&run, y));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Neighbouring cells of a row that look alike.
struct Run {
    start: u16,
    length: u16,
    text: String,
    look: (String, Option<String>, bool),
}

fn runs(buffer: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..buffer.area.width {
        let cell = &buffer[(x, y)];
        let look = look(cell);
        match runs.last_mut().filter(|run| run.look == look) {
            Some(run) => {
                run.text.push_str(cell.symbol());
                run.length += 1;
            }
            None => runs.push(Run { start: x, length: 1, text: cell.symbol().to_owned(), look }),
        }
    }
    runs
}

fn look(cell: &Cell) -> (String, Option<String>, bool) {
    let reversed = cell.modifier.contains(Modifier::REVERSED);
    let (front, back) = (color(cell.fg), color(cell.bg));
    let (front, back) =
        if reversed { (back.or(Some(GROUND.into())), front.or(Some(TEXT.into()))) } else { (front, back) };
    (front.unwrap_or_else(|| TEXT.into()), back, cell.modifier.contains(Modifier::BOLD))
}

fn color(color: Color) -> Option<String> {
    let basic = |name: &str| Some(name.to_owned());
    match color {
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Black => basic("#000000"),
        Color::Red | Color::LightRed => basic("#bf616a"),
        Color::Green | Color::LightGreen => basic("#a3be8c"),
        Color::Yellow | Color::LightYellow => basic("#ebcb8b"),
        Color::Blue | Color::LightBlue => basic("#81a1c1"),
        Color::Magenta | Color::LightMagenta => basic("#b48ead"),
        Color::Cyan | Color::LightCyan => basic("#88c0d0"),
        Color::Gray | Color::White => basic("#d8dee9"),
        Color::DarkGray => basic("#6b7280"),
        Color::Reset | Color::Indexed(_) => None,
    }
}

fn draw(run: &Run, y: u16) -> String {
    let (x, top) = (8.0 + f64::from(run.start) * CELL.0, 8.0 + f64::from(y) * CELL.1);
    let width = f64::from(run.length) * CELL.0;
    let (front, back, bold) = &run.look;
    let mut out = String::new();
    if let Some(back) = back {
        out += &format!("<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{}\" fill=\"{back}\"/>\n", CELL.1);
    }
    let text = run.text.trim();
    if !text.is_empty() {
        let weight = if *bold { " font-weight=\"bold\"" } else { "" };
        let columns = |text: &str| f64::from(u16::try_from(text.width()).unwrap_or(u16::MAX)) * CELL.0;
        let x = x + columns(&run.text[..run.text.len() - run.text.trim_start().len()]);
        let (length, base) = (columns(text), top + 13.0);
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        out += &format!(
            "<text x=\"{x}\" y=\"{base}\" textLength=\"{length}\" lengthAdjust=\"spacingAndGlyphs\" \
             fill=\"{front}\"{weight}>{text}</text>\n"
        );
    }
    out
}
