use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;

const ASCII: Form = Form { ascii: true, tab: 8 };

fn shown(bytes: &[u8]) -> String {
    escape(bytes, Form::default()).into_owned()
}

/// What must never come out, named by code point: an own list, not the one that the code uses.
fn dangerous(c: char) -> bool {
    matches!(u32::from(c),
        0x00..=0x1f | 0x7f..=0x9f
        | 0xad | 0x061c | 0x115f | 0x1160 | 0x180b..=0x180f
        | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f
        | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb
        | 0xe000..=0xf8ff | 0x1d173..=0x1d17a | 0xe0000..=0x10ffff)
}

#[test]
fn hostile_strings_become_visible() {
    let cases: &[(&[u8], &str, &str)] = &[
        (b"\x1b]52;c;cm0gLXJm\x07", "␛]52;c;cm0gLXJm␇", "^[]52;c;cm0gLXJm^G"),
        (b"\x1b]0;title\x1b\\", "␛]0;title␛\\", "^[]0;title^[\\"),
        (b"\x1b[1;3r\x1b[?1049l", "␛[1;3r␛[?1049l", "^[[1;3r^[[?1049l"),
        (b"\x1bP+q544e\x1b\\", "␛P+q544e␛\\", "^[P+q544e^[\\"),
        (b"\x9b31mred", "\\x9b31mred", "\\x9b31mred"),
        ("\u{9b}31m".as_bytes(), "⟨U+009B⟩31m", "<U+009B>31m"),
        (b"a\r\nb\x08\x7f\0", "a␍␊b␈␡␀", "a^M^Jb^H^?^@"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"),
        (b"\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf"),
        (b"\xf5\x80\x80\x80\xf0\x9f", "\\xf5\\x80\\x80\\x80\\xf0\\x9f", "\\xf5\\x80\\x80\\x80\\xf0\\x9f"),
        ("a\u{202e}gpj.exe".as_bytes(), "a⟨U+202E⟩gpj.exe", "a<U+202E>gpj.exe"),
        (
            "\u{2066}\u{2069}\u{200f}\u{61c}".as_bytes(),
            "⟨U+2066⟩⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩",
            "<U+2066><U+2069><U+200F><U+061C>",
        ),
        ("pa\u{200b}ss\u{2060}\u{feff}".as_bytes(), "pa⟨U+200B⟩ss⟨U+2060⟩⟨U+FEFF⟩", "pa<U+200B>ss<U+2060><U+FEFF>"),
        ("\u{2028}\u{2029}\u{85}".as_bytes(), "⟨U+2028⟩⟨U+2029⟩⟨U+0085⟩", "<U+2028><U+2029><U+0085>"),
        ("\u{e000}\u{e0041}\u{378}".as_bytes(), "⟨U+E000⟩⟨U+E0041⟩⟨U+0378⟩", "<U+E000><U+E0041><U+0378>"),
        ("é 漢".as_bytes(), "é 漢", "<U+00E9> <U+6F22>"),
    ];
    for (input, unicode, ascii) in cases {
        assert_eq!(shown(input), *unicode);
        assert_eq!(escape(input, ASCII), *ascii);
    }
}

#[test]
fn a_cell_holds_few_combining_marks() {
    assert_eq!(shown("e\u{301}\u{302}".as_bytes()), "e\u{301}\u{302}");
    let zalgo = format!("e{}", "\u{301}".repeat(7));
    assert_eq!(shown(zalgo.as_bytes()), format!("e{}{}", "\u{301}".repeat(MAX_COMBINING), "⟨U+0301⟩".repeat(3)));
    assert_eq!(shown("\u{301}a".as_bytes()), "⟨U+0301⟩a");
}

#[test]
fn tabs_reach_the_next_stop_or_are_marked() {
    assert_eq!(shown(b"a\tb\t\tc"), "a       b               c");
    assert_eq!(escape(b"a\tb", Form { ascii: false, tab: 0 }), "a␉b");
    assert_eq!(shown("漢\tb".as_bytes()), "漢      b");
}

#[test]
fn plain_ascii_is_borrowed() {
    assert!(matches!(escape(b"IN=vif2.0 OUT=", Form::default()), Cow::Borrowed(_)));
}

#[test]
fn cutting_keeps_whole_pieces_and_says_that_more_follows() {
    let text = |columns, bytes| cut(bytes, columns, Form::default()).text();
    assert_eq!(text(0..5, b"hello"), "hello");
    assert_eq!(text(0..5, b"hello!"), "hell…");
    assert_eq!(text(2..6, b"hello!"), "llo!");
    assert_eq!(text(0..4, "漢字漢".as_bytes()), "漢…");
    assert_eq!(text(1..6, "漢字漢".as_bytes()), " 字漢");
    assert_eq!(text(0..5, "a\u{202e}b".as_bytes()), "a…");
    assert_eq!(text(0..0, b"hello"), "");
    assert_eq!(text(9..12, b"hello"), "");
    assert_eq!(cut(b"hello!", 0..5, ASCII).text(), "hell>");
}

#[test]
fn only_what_is_visible_is_looked_at() {
    for hostile in ["\u{301}", "\u{200b}", "\x1b", "漢", "a"] {
        let line = hostile.repeat((1 << 20) / hostile.len());
        let cut = cut(line.as_bytes(), 0..80, Form::default());
        assert!(cut.more && cut.width <= 80);
        assert!(cut.pieces.len() <= 80);
        let mut pieces = pieces(line.as_bytes(), Form::default());
        let seen = pieces.by_ref().take(81).last().map_or(0, |piece| piece.at.end);
        assert!(seen <= 81 * 20, "{seen}");
    }
}

/// Text that is likelier to be trouble than random bytes are.
pub(crate) fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let troubles = prop::sample::select(vec![
        "\x1b[",
        "\u{9b}",
        "\u{202e}",
        "\u{2067}",
        "\u{200d}",
        "\u{fe0f}",
        "\u{301}",
        "\u{20e3}",
        "👩",
        "🏽",
        "🇩",
        "🇪",
        "ل",
        "ا",
        "א",
        "ក",
        "\u{17d2}",
        "क",
        "\u{94d}",
        "ष",
        "ᄀ",
        "ᅡ",
        "ᆨ",
        "漢",
        "\t",
        "ﷺ",
        "\u{e0041}",
        "\u{ad}",
    ]);
    let piece = prop_oneof![
        troubles.prop_map(|text| text.as_bytes().to_vec()),
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        any::<u8>().prop_map(|byte| vec![byte]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_dangerous_comes_out(bytes in hostile(), ascii: bool, tab in 0_u8..9) {
        let text = escape(&bytes, Form { ascii, tab }).into_owned();
        prop_assert!(!text.chars().any(dangerous), "{text:?}");
        prop_assert!(!ascii || text.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
    }

    #[test]
    fn pieces_cover_the_input_once_and_in_order(bytes in hostile(), ascii: bool) {
        let mut end = 0;
        for piece in pieces(&bytes, Form { ascii, tab: 8 }) {
            prop_assert_eq!(piece.at.start, end);
            prop_assert!(piece.at.len() <= 20 && !piece.at.is_empty() && piece.width > 0);
            prop_assert_eq!(piece.text.width(), piece.width, "{:?}", piece.text);
            end = piece.at.end;
        }
        prop_assert_eq!(end, bytes.len());
    }

    #[test]
    fn a_cut_is_as_wide_as_it_says(bytes in hostile(), start in 0_usize..60, width in 0_usize..60) {
        let all: usize = pieces(&bytes, Form::default()).map(|piece| piece.width).sum();
        let cut = cut(&bytes, start..start + width, Form::default());
        prop_assert_eq!(cut.width, cut.pieces.iter().map(|piece| piece.width).sum::<usize>());
        prop_assert!(cut.width <= width);
        prop_assert_eq!(cut.more, all > start + width);
        prop_assert!(cut.more || cut.width == all.saturating_sub(start));
    }

    #[test]
    fn harmless_text_stays_as_it_is(text in "[ -~äöüßéñЖшλ漢字]{0,80}") {
        prop_assert_eq!(shown(text.as_bytes()), text);
    }
}
