//! Numbers in as few bytes as the largest of a segment needs.

/// Rows that share a base.
pub(super) const STRIDE: usize = 64;

/// An index a row into a dictionary of the same segment, in as few bytes as the size of that needs.
#[derive(Clone, Debug)]
pub enum Indices {
    /// The dictionary has one value, or none: so many rows have index 0.
    Zero(usize),
    /// At most 256 values.
    Byte(Box<[u8]>),
    /// At most 65,536 values.
    Short(Box<[u16]>),
    /// More.
    Long(Box<[u32]>),
}

impl Indices {
    /// Packs indices into a dictionary of `values`.
    #[must_use]
    pub fn new(indices: &[u32], values: usize) -> Self {
        match values {
            0..=1 => Self::Zero(indices.len()),
            2..=0x100 => Self::Byte(indices.iter().map(|index| *index as u8).collect()),
            0x101..=0x1_0000 => Self::Short(indices.iter().map(|index| *index as u16).collect()),
            _ => Self::Long(indices.into()),
        }
    }

    /// The index of `row`.
    #[must_use]
    pub fn get(&self, row: usize) -> usize {
        match self {
            Self::Zero(_) => 0,
            Self::Byte(indices) => usize::from(indices[row]),
            Self::Short(indices) => usize::from(indices[row]),
            Self::Long(indices) => indices[row] as usize,
        }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::Zero(rows) => *rows,
            Self::Byte(indices) => indices.len(),
            Self::Short(indices) => indices.len(),
            Self::Long(indices) => indices.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Ascending offsets: two bytes each above one base for 64 rows, where these are within 64 KiB; else four bytes each.
#[derive(Clone, Debug)]
pub enum Offsets {
    /// Bases, and offsets above them.
    Near(Box<[u32]>, Box<[u16]>),
    /// Plain offsets.
    Far(Box<[u32]>),
}

impl Offsets {
    /// Packs offsets, which ascend.
    #[must_use]
    pub fn new(offsets: &[u32]) -> Self {
        let above = |(row, offset): (usize, &u32)| u16::try_from(offset.checked_sub(offsets[row - row % STRIDE])?).ok();
        let above: Option<Box<[u16]>> = offsets.iter().enumerate().map(above).collect();
        match above {
            Some(above) => Self::Near(offsets.iter().step_by(STRIDE).copied().collect(), above),
            None => Self::Far(offsets.into()),
        }
    }

    /// The offset of `row`, if there is such a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<u32> {
        match self {
            Self::Near(bases, above) => Some(bases.get(row / STRIDE)? + u32::from(*above.get(row)?)),
            Self::Far(offsets) => offsets.get(row).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn offsets_are_those_that_came(mut offsets in prop::collection::vec(prop_oneof![0..9000_u32, any::<u32>()], 0..200)) {
            offsets.sort_unstable();
            let packed = Offsets::new(&offsets);
            let read: Vec<u32> = (0..offsets.len()).filter_map(|row| packed.get(row)).collect();
            prop_assert_eq!(packed.get(offsets.len()), None);
            prop_assert_eq!(read, offsets);
        }

        #[test]
        fn indices_are_those_that_came(values in prop_oneof![Just(1_u32), 2..300_u32, 65_530..65_540_u32], seed in any::<u32>()) {
            let indices: Vec<u32> = (0..50_u32).map(|n| seed.wrapping_mul(n | 1) % values).chain([values - 1]).collect();
            let packed = Indices::new(&indices, values as usize);
            prop_assert_eq!(packed.len(), indices.len());
            let read: Vec<u32> = (0..packed.len()).map(|row| packed.get(row) as u32).collect();
            prop_assert_eq!(read, indices);
        }
    }

    #[test]
    fn lines_of_usual_length_take_two_bytes() {
        let lines: Vec<u32> = (0..65_536).map(|row| row * 260).collect();
        assert!(matches!(Offsets::new(&lines), Offsets::Near(..)));
    }
}
