//! What a theme gives a style to.

/// One row of [`ROLES`].
#[derive(Clone, Copy, Debug)]
pub struct RoleInfo {
    /// The role.
    pub role: Role,
    /// Its name in themes.
    pub name: &'static str,
    /// What is drawn with it.
    pub doc: &'static str,
    /// Whether text is read in it, so that it needs a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3).
    pub text: bool,
}

/// Declares [`Role`] and [`ROLES`] together.
macro_rules! roles {
    ($($variant:ident $name:literal $use:ident $doc:literal)*) => {
        /// Something that is drawn in a style of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $doc] $variant,)*
        }

        /// All roles, in the order of their declaration.
        pub static ROLES: &[RoleInfo] = &[
            $(RoleInfo { role: Role::$variant, name: $name, doc: $doc, text: roles!(@ $use) },)*
        ];
    };
    (@ text) => { true };
    (@ sign) => { false };
}

roles! {
    Text "text" text "Everything that has no role of its own, and the background of the screen."
    Muted "muted" text "What matters less: units, counts, separators."
    Accent "accent" text "What should be noticed: names of the program's parts."
    Header "header" text "The line on top."
    Status "status" text "The line at the bottom."
    KeyName "key-name" text "Names of keys in hints, the help and the finder."
    Heading "heading" text "Headings in the help and the detail drawer."
    Border "border" sign "Frames of panes."
    BorderFocused "border-focused" sign "The frame of the pane that has the keyboard."
    Title "title" text "Titles of panes."
    TitleFocused "title-focused" text "The title of the pane that has the keyboard."

    Cursor "cursor" text "The row under the cursor in the pane that has the keyboard."
    CursorOther "cursor-other" text "The row at the cursor's time in the other panes."
    Selected "selected" text "The selected row of lists and overlays."
    Time "time" text "Times."
    TimeOdd "time-odd" text "Times that were inferred, or claims that are far off."
    Origin1 "origin-1" text "Names of origins; each has one of six styles."
    Origin2 "origin-2" text "Names of origins; each has one of six styles."
    Origin3 "origin-3" text "Names of origins; each has one of six styles."
    Origin4 "origin-4" text "Names of origins; each has one of six styles."
    Origin5 "origin-5" text "Names of origins; each has one of six styles."
    Origin6 "origin-6" text "Names of origins; each has one of six styles."
    Error "error" text "Levels emerg to err, and what went wrong."
    Warning "warning" text "Level warning, and what is doubtful."
    Notice "notice" text "Level notice."
    Info "info" text "Levels info and unknown."
    Debug "debug" text "Level debug."
    Address "address" text "Addresses."
    Port "port" text "Ports and protocols."
    Name "name" text "Host names."
    Number "number" text "Counts and sizes."
    Match "match" text "What the search found."
    Letter "letter" text "Letters that the finder matched."
    Escape "escape" text "Marks that stand for characters which are not shown as they are."
    Mark "mark" text "Signs of marked records."
    Comment "comment" text "Comments."

    Field "field" text "Names of fields."
    Value "value" text "Values of fields."
    Offset "offset" text "Offsets in a hex dump."
    Hex "hex" text "Bytes in a hex dump."
    HexSelected "hex-selected" text "The bytes of the selected field in a hex dump."
    Truncated "truncated" text "What the capture could not contain."

    Strip "strip" sign "Density in the time strip."
    StripGap "strip-gap" sign "Stretches of the time strip where nothing was captured."
    StripCursor "strip-cursor" sign "The cursor in the time strip."
    Progress "progress" text "How far reading is."

    Overlay "overlay" text "Background and text of the help, the finder and other overlays."
    Prompt "prompt" text "What an input line asks for."
    Input "input" text "Text in an input line."
    InputError "input-error" text "The part of an input that is wrong."
}

impl Role {
    /// The roles for names of origins.
    pub const ORIGINS: [Self; 6] =
        [Self::Origin1, Self::Origin2, Self::Origin3, Self::Origin4, Self::Origin5, Self::Origin6];

    /// The role of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        ROLES.iter().find(|info| info.name == name).map(|info| info.role)
    }

    /// Its row of [`ROLES`].
    #[must_use]
    pub fn info(self) -> &'static RoleInfo {
        // The table is generated from the same list as the enum, so the discriminant is the index.
        &ROLES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_find_their_role() {
        for info in ROLES {
            assert_eq!(Role::from_name(info.name), Some(info.role));
            assert_eq!(info.role.info().name, info.name);
        }
    }
}
