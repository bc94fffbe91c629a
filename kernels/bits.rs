//! Counting, finding and combining bits, 16 bytes at a time.

use core::arch::wasm32::*;

const LANES: usize = 16;

/// Number of one bits. The processor's own count of 64 bits is twice as quick as what V8 makes of i8x16.popcnt.
#[export_name = "countBits"]
unsafe extern "C" fn count_bits(at: *const u8, length: usize) -> u32 {
    let mut counts = [0u64; 4];
    let mut i = 0;
    while i + 32 <= length {
        for (k, count) in counts.iter_mut().enumerate() {
            *count += (at.add(i + 8 * k) as *const u64).read_unaligned().count_ones() as u64;
        }
        i += 32;
    }
    let mut count = (counts[0] + counts[1] + counts[2] + counts[3]) as u32;
    while i < length {
        count += (*at.add(i)).count_ones();
        i += 1;
    }
    count
}

/// Combines two arrays into the first: by words of 16 bytes, and what is left over byte by byte.
macro_rules! combine {
    ($exported:literal, $name:ident, $wide:expr, $narrow:expr) => {
        #[export_name = $exported]
        unsafe extern "C" fn $name(into: *mut u8, from: *const u8, length: usize) {
            let mut i = 0;
            while i + LANES <= length {
                let a = into.add(i) as *mut v128;
                v128_store(a, $wide(v128_load(a), v128_load(from.add(i) as *const v128)));
                i += LANES;
            }
            while i < length {
                *into.add(i) = $narrow(*into.add(i), *from.add(i));
                i += 1;
            }
        }
    };
}

combine!("andBits", and_bits, v128_and, |a: u8, b: u8| a & b);
combine!("orBits", or_bits, v128_or, |a: u8, b: u8| a | b);
combine!("xorBits", xor_bits, v128_xor, |a: u8, b: u8| a ^ b);
// `into & !from`
combine!("clearBits", clear_bits, v128_andnot, |a: u8, b: u8| a & !b);

#[export_name = "invertBits"]
unsafe extern "C" fn invert_bits(at: *mut u8, length: usize) {
    let mut i = 0;
    while i + LANES <= length {
        let a = at.add(i) as *mut v128;
        v128_store(a, v128_not(v128_load(a)));
        i += LANES;
    }
    while i < length {
        *at.add(i) = !*at.add(i);
        i += 1;
    }
}

/// Notes in `repeated` which bits of `from` are set in `into` already, and sets all of them there.
#[export_name = "repeatBits"]
unsafe extern "C" fn repeat_bits(into: *mut u8, repeated: *mut u8, from: *const u8, length: usize) {
    let mut i = 0;
    while i + LANES <= length {
        let a = into.add(i) as *mut v128;
        let r = repeated.add(i) as *mut v128;
        let b = v128_load(from.add(i) as *const v128);
        v128_store(r, v128_or(v128_load(r), v128_and(v128_load(a), b)));
        v128_store(a, v128_or(v128_load(a), b));
        i += LANES;
    }
    while i < length {
        *repeated.add(i) |= *into.add(i) & *from.add(i);
        *into.add(i) |= *from.add(i);
        i += 1;
    }
}
