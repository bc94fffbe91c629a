//! LZF, the quick compression of long strings in snapshots, after the description of its format in lib/persistence/lzf.ts.
//! Which repetitions are found decides the bytes, so the search goes as in liblzf: a table of 2^16 places where three bytes of
//! a hash stood last, of which a match must lie within 8 KB; and behind a match its last two places are noted.

const TABLE_BITS: u32 = 16;
const LITERALS_MAX: usize = 32;
const BACK_MAX: u32 = 1 << 13;
const LENGTH_MAX: usize = 264;

/// Places, counted from one that goes on from call to call, so that those of an earlier call are never near.
static mut TABLE: [u32; 1 << TABLE_BITS] = [0; 1 << TABLE_BITS];
static mut PLACE: u32 = BACK_MAX;

unsafe fn three(at: *const u8) -> u32 {
    (*at as u32) << 16 | (*at.add(1) as u32) << 8 | *at.add(2) as u32
}

fn slot(bytes: u32) -> usize {
    ((bytes >> (24 - TABLE_BITS)).wrapping_sub(bytes.wrapping_mul(5)) & ((1 << TABLE_BITS) - 1)) as usize
}

/// Compresses into `out`; the number of bytes written, or 0 if they are more than `room`.
#[export_name = "lzfCompress"]
pub unsafe extern "C" fn lzf_compress(input: *const u8, length: usize, out: *mut u8, room: usize) -> usize {
    if length == 0 || room == 0 {
        return 0;
    }
    if PLACE > u32::MAX - BACK_MAX - length as u32 {
        TABLE = [0; 1 << TABLE_BITS];
        PLACE = BACK_MAX;
    }
    // The first byte is never gone back to, as in liblzf.
    let start = PLACE;
    PLACE += length as u32 + BACK_MAX;
    let mut at = 0;
    let mut to = 1;
    let mut literals = 0;
    let mut bytes = if length > 2 { three(input) >> 8 } else { 0 };
    while at + 2 < length {
        bytes = (bytes << 8 | *input.add(at + 2) as u32) & 0xff_ffff;
        let noted = &mut TABLE[slot(bytes)];
        let place = *noted;
        *noted = start + at as u32;
        let back = (start + at as u32).wrapping_sub(place).wrapping_sub(1);
        if back < BACK_MAX && place > start && three(input.add((place - start) as usize)) == bytes {
            let from = input.add((place - start) as usize);
            let here = input.add(at);
            let most = if length - at - 2 > LENGTH_MAX { LENGTH_MAX } else { length - at - 2 };
            if to + 4 - (literals == 0) as usize >= room {
                return 0;
            }
            *out.add(to - literals - 1) = (literals as u8).wrapping_sub(1);
            to -= (literals == 0) as usize;
            let mut count = matching(from, here, most);
            at += count;
            count -= 2;
            if count < 7 {
                *out.add(to) = (back >> 8) as u8 + ((count as u8) << 5);
            } else {
                *out.add(to) = (back >> 8) as u8 + (7 << 5);
                to += 1;
                *out.add(to) = (count - 7) as u8;
            }
            *out.add(to + 1) = back as u8;
            // Behind it is room for the number of the next literals.
            to += 3;
            literals = 0;
            if at + 2 >= length {
                break;
            }
            TABLE[slot(three(input.add(at - 2)))] = start + at as u32 - 2;
            bytes = three(input.add(at - 1));
            TABLE[slot(bytes)] = start + at as u32 - 1;
        } else {
            if to >= room {
                return 0;
            }
            literals += 1;
            *out.add(to) = *input.add(at);
            to += 1;
            at += 1;
            if literals == LITERALS_MAX {
                *out.add(to - literals - 1) = literals as u8 - 1;
                literals = 0;
                to += 1;
            }
        }
    }
    if to + 3 > room {
        return 0;
    }
    while at < length {
        literals += 1;
        *out.add(to) = *input.add(at);
        to += 1;
        at += 1;
        if literals == LITERALS_MAX {
            *out.add(to - literals - 1) = literals as u8 - 1;
            literals = 0;
            to += 1;
        }
    }
    *out.add(to - literals - 1) = (literals as u8).wrapping_sub(1);
    to - (literals == 0) as usize
}

/// How many bytes are the same, three of which are known to be; at most as many as liblzf looks at.
unsafe fn matching(from: *const u8, here: *const u8, most: usize) -> usize {
    let mut count = 3;
    if most > 16 {
        // The first sixteen are compared without looking at the end: of a most of 17 or 18 there are 19 at least.
        let a = (from.add(3) as *const u64).read_unaligned() ^ (here.add(3) as *const u64).read_unaligned();
        if a != 0 {
            return 3 + a.trailing_zeros() as usize / 8;
        }
        let b = (from.add(11) as *const u64).read_unaligned() ^ (here.add(11) as *const u64).read_unaligned();
        if b != 0 {
            return 11 + b.trailing_zeros() as usize / 8;
        }
        count = 19;
        while count + 8 <= most {
            let c = (from.add(count) as *const u64).read_unaligned() ^ (here.add(count) as *const u64).read_unaligned();
            if c != 0 {
                return count + c.trailing_zeros() as usize / 8;
            }
            count += 8;
        }
    }
    while count < most && *from.add(count) == *here.add(count) {
        count += 1;
    }
    count
}

/// Decompresses; 0 if that does not give exactly `room` bytes.
#[export_name = "lzfDecompress"]
unsafe extern "C" fn lzf_decompress(input: *const u8, length: usize, out: *mut u8, room: usize) -> usize {
    let mut at = 0;
    let mut to = 0;
    while at < length {
        let control = *input.add(at) as usize;
        at += 1;
        if control < LITERALS_MAX {
            let count = control + 1;
            if at + count > length || to + count > room {
                return 0;
            }
            for i in 0..count {
                *out.add(to + i) = *input.add(at + i);
            }
            at += count;
            to += count;
            continue;
        }
        let mut count = (control >> 5) + 2;
        if count == 9 {
            if at >= length {
                return 0;
            }
            count += *input.add(at) as usize;
            at += 1;
        }
        if at >= length {
            return 0;
        }
        let back = ((control & 31) << 8 | *input.add(at) as usize) + 1;
        at += 1;
        if back > to || to + count > room {
            return 0;
        }
        for i in 0..count {
            *out.add(to + i) = *out.add(to + i - back);
        }
        to += count;
    }
    if to == room {
        to
    } else {
        0
    }
}
