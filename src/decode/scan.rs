//! Finding the end of short words, where calling into a vectorised search costs more than the search.

/// How many bytes stand before the first blank; all where there is none.
#[inline]
pub(super) fn until_blank(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut length = 0;
    let mut eights = bytes.chunks_exact(8);
    for eight in &mut eights {
        let word = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        let zero_where_blank = word ^ (ONES * 0x20);
        // The lowest of these bits is exact: only bytes above a true zero byte can be flagged falsely.
        let blanks = zero_where_blank.wrapping_sub(ONES) & !zero_where_blank & HIGHS;
        if blanks != 0 {
            return length + blanks.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    length + eights.remainder().iter().take_while(|byte| **byte != b' ').count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_a_plain_search(bytes in prop::collection::vec(prop::sample::select(b" !\x1f\xa0a\0".to_vec()), 0..40)) {
            let expected = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len());
            prop_assert_eq!(until_blank(&bytes), expected);
        }
    }
}
