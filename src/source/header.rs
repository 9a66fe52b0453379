//! One header block of tar: v7, ustar (POSIX.1-2001, pax), and GNU (tar's manual, "Basic Tar Format").

/// Bytes of a block: everything in an archive starts at a multiple of it.
pub(super) const BLOCK: usize = 512;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    Directory,
    HardLink,
    SymbolicLink,
    /// A device, a FIFO, or anything else that has no bytes to read: what it is.
    Special(&'static str),
    /// A file with holes in GNU's old form.
    Sparse,
    /// GNU: the name of the next member.
    LongName,
    /// GNU: the target of the next member.
    LongLink,
    /// PAX records for the next member.
    Extended,
    /// PAX records for all members that follow.
    Global,
}

/// The fields of a header that matter to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// What the member is.
    pub kind: Type,
    /// Its path.
    pub path: Vec<u8>,
    /// Target of a link.
    pub target: Vec<u8>,
    /// Bytes of contents that follow.
    pub size: u64,
    /// Seconds since the epoch.
    pub modified: Option<i64>,
}

/// Whether a block is a header: its checksum is right and its size is a number.
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    parse(block).is_ok()
}

/// Reads a header.
///
/// # Errors
/// When the block is no header; the message says why.
pub(super) fn parse(block: &[u8; BLOCK]) -> Result<Header, &'static str> {
    let checksum = number(&block[148..156]).ok_or("its checksum is no number")?;
    if block[0] == 0 && block[156] == 0 {
        return Err("it has no name");
    }
    if ![sum(block, u64::from), sum(block, |byte| byte.cast_signed() as u64)].contains(&checksum) {
        return Err("its checksum is wrong");
    }
    let kind = kind(block);
    let size = number(&block[124..136]).ok_or("its size is no number")?;
    let has_contents = !matches!(kind, Type::Directory | Type::HardLink | Type::SymbolicLink | Type::Special(_));
    Ok(Header {
        kind,
        path: path(block),
        target: text(&block[157..257]).to_vec(),
        size: if has_contents || block[156] > b'7' { size } else { 0 },
        modified: number(&block[136..148]).and_then(|seconds| i64::try_from(seconds).ok()),
    })
}

/// Whether another block of the sparse map of GNU's old form follows the header or block.
pub(super) fn is_extended(block: &[u8; BLOCK], first: bool) -> bool {
    block[if first { 482 } else { 504 }] != 0
}

/// The sum of a header's bytes, its checksum taken as spaces. Some old programs summed signed bytes.
fn sum(block: &[u8; BLOCK], value: impl Fn(u8) -> u64) -> u64 {
    let bytes = block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
    bytes.fold(0, |sum, byte| sum.wrapping_add(value(byte)))
}

fn kind(block: &[u8; BLOCK]) -> Type {
    match block[156] {
        0 | b'0' | b'7' if text(&block[..100]).ends_with(b"/") => Type::Directory,
        b'1' => Type::HardLink,
        b'2' => Type::SymbolicLink,
        b'3' => Type::Special("a character device"),
        b'4' => Type::Special("a block device"),
        b'5' => Type::Directory,
        b'6' => Type::Special("a FIFO"),
        b'S' => Type::Sparse,
        b'L' => Type::LongName,
        b'K' => Type::LongLink,
        b'x' => Type::Extended,
        b'g' => Type::Global,
        b'V' => Type::Special("a volume label"),
        b'M' => Type::Special("the rest of a file from another volume"),
        b'D' => Type::Special("a list of names"),
        _ => Type::File,
    }
}

fn path(block: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
    if &block[257..263] != b"ustar\0" || prefix.is_empty() {
        return name.to_vec();
    }
    [prefix, b"/", name].concat()
}

fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number in octal digits, or in GNU's base 256 when the first bit is set. An empty field is 0.
fn number(field: &[u8]) -> Option<u64> {
    if let [first @ 0x80..=0xff, rest @ ..] = field {
        let start = u64::from(first & 0x7f);
        return rest.iter().try_fold(start, |value, byte| Some(value.checked_mul(256)? | u64::from(*byte)));
    }
    let digits = text(field).trim_ascii();
    digits.iter().try_fold(0_u64, |value, digit| match digit {
        b'0'..=b'7' => Some(value.checked_mul(8)? | u64::from(digit - b'0')),
        _ => None,
    })
}
