//! The detail drawer: everything about the record under the cursor.

use std::borrow::Cow;
use std::ops::Range;

use crate::app::action::Action;
use crate::app::model::Model;
use crate::app::wrap::height;
use crate::decode::layers::{Layer, layers};
use crate::query::{Value, fields};
use crate::record::{Kind, RecordId};
use crate::store::{Segment, Snapshot, Table};

/// The most bytes of a record that the drawer shows.
pub const MOST_BYTES: usize = 256 * 1024;

/// The drawer.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// It has the keyboard.
    pub focused: bool,
    /// The section that is shown, as a place in the record's sections.
    pub section: usize,
    /// The first visible line of the raw bytes.
    pub top: usize,
    /// The selected field, or line of the packet's layers.
    pub selected: usize,
    /// What is shown; absent until a record is there.
    pub record: Option<Record>,
}

/// A part of what the drawer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The fields of the filter language, with this record's values.
    Fields,
    /// The layers of a packet and its bytes.
    Packet,
    /// The bytes of an entry as they were read.
    Raw,
}

impl Section {
    /// Its heading.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fields => "fields",
            Self::Packet => "packet",
            Self::Raw => "raw",
        }
    }
}

/// A record in full.
#[derive(Clone, Debug)]
pub struct Record {
    /// The record.
    pub id: RecordId,
    /// What it is.
    pub kind: Kind,
    /// Where it was read from: source, offset and length.
    pub provenance: String,
    /// Names and values; they may hold any character.
    pub fields: Vec<(String, String)>,
    /// Its bytes, at most [`MOST_BYTES`] of them.
    pub bytes: Vec<u8>,
    /// Bytes that are not shown.
    pub cut: u64,
    /// The lines of the tree of layers.
    pub tree: Vec<TreeLine>,
    version: u64,
}

/// A line of the tree of layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLine {
    /// It is a field of the layer above.
    pub field: bool,
    /// The layer or field.
    pub name: String,
    /// The field's value; for a layer a note where the capture cut it.
    pub value: String,
    /// The bytes it stands for.
    pub range: Range<usize>,
}

impl Record {
    fn read(snapshot: &Snapshot, id: RecordId) -> Option<Self> {
        let (table, segment, row) = snapshot.find(id)?;
        let kind = segment.kind(row);
        let (bytes, cut) = bytes(table, segment, row);
        let tree = if kind == Kind::Packet { tree(table, segment, row, &bytes) } else { Vec::new() };
        Some(Self {
            id,
            kind,
            provenance: provenance(table, segment, row),
            fields: named_values(snapshot, id),
            bytes,
            cut,
            tree,
            version: snapshot.version,
        })
    }

    /// What there is to show of it.
    #[must_use]
    pub const fn sections(&self) -> &'static [Section] {
        match self.kind {
            Kind::Packet => &[Section::Packet, Section::Fields],
            Kind::Flow | Kind::Dns => &[Section::Fields],
            Kind::Text | Kind::Nft | Kind::Journal => &[Section::Fields, Section::Raw],
        }
    }

    /// Columns for the names of its fields, in a drawer of `width` columns.
    #[must_use]
    pub fn name_width(&self, width: usize) -> usize {
        self.fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(width / 3)
    }

    /// Whether it is still what the store has: only derived records change.
    fn is_current(&self, snapshot: &Snapshot, id: RecordId) -> bool {
        let fixed = !matches!(self.kind, Kind::Flow | Kind::Dns);
        self.id == id && (fixed || self.version == snapshot.version)
    }
}

fn named_values(snapshot: &Snapshot, id: RecordId) -> Vec<(String, String)> {
    let text = |(name, value): (Cow<'static, str>, Value<'static>)| (name.into_owned(), value.to_string());
    fields(snapshot, id).into_iter().map(text).collect()
}

fn bytes(table: &Table, segment: &Segment, row: usize) -> (Vec<u8>, u64) {
    let Some((offset, length)) = segment.extent(row) else { return (Vec::new(), 0) };
    let wanted = usize::try_from(length).unwrap_or(usize::MAX).min(MOST_BYTES);
    let mut bytes = Vec::new();
    if let Err(error) = table.content.read(offset, wanted, &mut bytes) {
        bytes = format!("cannot be read again: {error}").into_bytes();
    }
    let cut = length.saturating_sub(wanted as u64);
    (bytes, cut)
}

/// The file (with the member of an archive), and where in it; the whole path is in the fields.
fn provenance(table: &Table, segment: &Segment, row: usize) -> String {
    let name = &table.info.name;
    let path = name.split('!').next().unwrap_or(name);
    let file = path.rfind('/').and_then(|slash| name.get(slash + 1..)).unwrap_or(name);
    match segment.extent(row) {
        Some((offset, length)) => format!("{file}, byte {offset}, {length} bytes"),
        None => file.to_owned(),
    }
}

fn tree(table: &Table, segment: &Segment, row: usize, bytes: &[u8]) -> Vec<TreeLine> {
    let crate::store::Columns::Packets(packets) = &segment.columns else { return Vec::new() };
    let link_type = table.info.capture.map_or(0, |capture| capture.link_type);
    layers(link_type, bytes, packets.original.get(row)).into_iter().flat_map(lines).collect()
}

fn lines(layer: Layer) -> impl Iterator<Item = TreeLine> {
    let note = if layer.truncated { "cut by the capture" } else { "" };
    let heading = TreeLine { field: false, name: layer.name.to_owned(), value: note.to_owned(), range: layer.range };
    let line = |field: crate::decode::layers::LayerField| TreeLine {
        field: true,
        name: field.name.to_owned(),
        value: field.value,
        range: field.range,
    };
    [heading].into_iter().chain(layer.fields.into_iter().map(line))
}

impl Detail {
    /// The section that is shown.
    #[must_use]
    pub fn shown(&self) -> Section {
        let sections = self.record.as_ref().map_or(&[Section::Fields][..], Record::sections);
        sections.get(self.section).copied().unwrap_or(Section::Fields)
    }

    /// Takes in the record under the cursor, for a drawer of so many columns.
    pub fn fill(&mut self, snapshot: &Snapshot, id: Option<RecordId>, width: usize) {
        let Some(id) = id else {
            self.record = None;
            return;
        };
        if !self.record.as_ref().is_some_and(|record| record.is_current(snapshot, id)) {
            let same = self.record.as_ref().is_some_and(|record| record.id == id);
            self.record = Record::read(snapshot, id);
            if !same {
                (self.top, self.selected) = (0, 0);
            }
        }
        let sections = self.record.as_ref().map_or(1, |record| record.sections().len());
        self.section = self.section.min(sections.saturating_sub(1));
        self.top = self.top.min(self.raw_lines(width).saturating_sub(1));
        self.selected = self.selected.min(self.choices().unwrap_or(0).saturating_sub(1));
    }

    /// The name and value that are selected, in the section of fields.
    #[must_use]
    pub fn selected_field(&self) -> Option<(&str, &str)> {
        let record = self.record.as_ref().filter(|_| self.shown() == Section::Fields)?;
        record.fields.get(self.selected).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Lines of the section that can be selected, if it is one of such lines.
    fn choices(&self) -> Option<usize> {
        let record = self.record.as_ref()?;
        match self.shown() {
            Section::Fields => Some(record.fields.len()),
            Section::Packet => Some(record.tree.len()),
            Section::Raw => None,
        }
    }

    /// Lines of the raw bytes in a drawer of `width` columns.
    fn raw_lines(&self, width: usize) -> usize {
        let raw = self.record.as_ref().filter(|_| self.shown() == Section::Raw);
        raw.map_or(0, |record| height(&record.bytes, width) + usize::from(record.cut > 0))
    }

    fn turn(&mut self, forward: bool) {
        let sections = self.record.as_ref().map_or(1, |record| record.sections().len()).max(1);
        self.section = (self.section + if forward { 1 } else { sections - 1 }) % sections;
        (self.top, self.selected) = (0, 0);
    }

    fn move_by(&mut self, lines: i64) {
        let moved = |from: usize| (from as i64).saturating_add(lines).max(0) as usize;
        match self.choices() {
            Some(count) => self.selected = moved(self.selected).min(count.saturating_sub(1)),
            None => self.top = moved(self.top),
        }
    }
}

impl Model {
    /// Actions of the drawer while it has the keyboard; tells whether it was one.
    pub(in crate::app) fn act_on_detail(&mut self, action: Action) -> bool {
        let page = self.layout.drawer.map_or(1, |drawer| i64::from(drawer.inner.height)).max(2) - 1;
        let width = self.layout.drawer.map_or(self.screen.0, |drawer| drawer.inner.width);
        let cursor = self.cursor().map(|key| key.id);
        let Some(detail) = &mut self.detail else { return false };
        // Keys may come faster than frames: the record has to be there before anything moves in it.
        detail.fill(&self.snapshot, cursor, usize::from(width));
        match action {
            Action::MoveDown => detail.move_by(1),
            Action::MoveUp => detail.move_by(-1),
            Action::PageDown => detail.move_by(page),
            Action::PageUp => detail.move_by(-page),
            Action::HalfPageDown => detail.move_by(page / 2 + 1),
            Action::HalfPageUp => detail.move_by(-(page / 2 + 1)),
            Action::Top => detail.move_by(i64::from(i32::MIN)),
            Action::Bottom => detail.move_by(i64::from(i32::MAX)),
            Action::NextSection | Action::NextPane | Action::ScrollRight => detail.turn(true),
            Action::PreviousSection | Action::PreviousPane | Action::ScrollLeft => detail.turn(false),
            Action::OpenDetail => {}
            _ => return false,
        }
        true
    }
}
