//! HyperLogLogs: where elements go, and registers by the thousand. The layout is that of lib/keyspace/values/hyperloglog.ts:
//! 16,384 registers of 6 bits, the first in the low bits of the first byte; "open" registers take a byte each.

use core::arch::wasm32::*;

const REGISTERS: usize = 16_384;
const INDEX_BITS: u32 = 14;
const SEED: u64 = 0xadc83b19;
const FACTOR: u64 = 0xc6a4a7935bd1e995;

/// MurmurHash64A (Appleby, public domain) with Redis's seed.
unsafe fn murmur(at: *const u8, length: usize) -> u64 {
    let mut hash = SEED ^ (length as u64).wrapping_mul(FACTOR);
    let mut i = 0;
    while i + 8 <= length {
        let mut word = (at.add(i) as *const u64).read_unaligned().wrapping_mul(FACTOR);
        word ^= word >> 47;
        hash = (hash ^ word.wrapping_mul(FACTOR)).wrapping_mul(FACTOR);
        i += 8;
    }
    if i < length {
        let mut shift = 0;
        while i < length {
            hash ^= (*at.add(i) as u64) << shift;
            shift += 8;
            i += 1;
        }
        hash = hash.wrapping_mul(FACTOR);
    }
    hash ^= hash >> 47;
    hash = hash.wrapping_mul(FACTOR);
    hash ^ (hash >> 47)
}

/// Of each element, which stand one behind the other and end at `ends`, in place of its end: the register in the low 16 bits,
/// above it the value that the register is to have at least.
#[export_name = "pfPlaces"]
unsafe extern "C" fn pf_places(text: *const u8, ends: *mut u32, count: usize) {
    let mut start = 0;
    for i in 0..count {
        let end = *ends.add(i);
        let hash = murmur(text.add(start as usize), (end - start) as usize);
        let run = ((hash >> INDEX_BITS) | 1 << (64 - INDEX_BITS)).trailing_zeros() + 1;
        *ends.add(i) = hash as u32 & (REGISTERS as u32 - 1) | run << 16;
        start = end;
    }
}

/// Raises open registers to those of a dense value.
#[export_name = "pfMerge"]
unsafe extern "C" fn pf_merge(open: *mut u8, dense: *const u8) {
    let mut i = 0;
    while i < REGISTERS {
        // Four registers are three bytes, which become a word of 32 bits, which becomes four bytes.
        let bytes = v128_load(dense.add(i / 4 * 3) as *const v128);
        let words = i8x16_swizzle(
            bytes,
            u8x16(0, 1, 2, 128, 3, 4, 5, 128, 6, 7, 8, 128, 9, 10, 11, 128),
        );
        let registers = v128_or(
            v128_or(
                v128_and(words, u32x4_splat(0x3f)),
                v128_and(u32x4_shl(words, 2), u32x4_splat(0x3f00)),
            ),
            v128_or(
                v128_and(u32x4_shl(words, 4), u32x4_splat(0x3f_0000)),
                v128_and(u32x4_shl(words, 6), u32x4_splat(0x3f00_0000)),
            ),
        );
        let into = open.add(i) as *mut v128;
        v128_store(into, u8x16_max(v128_load(into), registers));
        i += 16;
    }
}

/// Open registers as those of a dense value.
#[export_name = "pfPack"]
unsafe extern "C" fn pf_pack(open: *const u8, dense: *mut u8) {
    let mut i = 0;
    while i < REGISTERS {
        let registers = v128_load(open.add(i) as *const v128);
        let words = v128_or(
            v128_or(
                v128_and(registers, u32x4_splat(0x3f)),
                v128_and(u32x4_shr(registers, 2), u32x4_splat(0xfc0)),
            ),
            v128_or(
                v128_and(u32x4_shr(registers, 4), u32x4_splat(0x3_f000)),
                v128_and(u32x4_shr(registers, 6), u32x4_splat(0xfc_0000)),
            ),
        );
        let bytes = i8x16_swizzle(
            words,
            u8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 128, 128, 128, 128),
        );
        let into = dense.add(i / 4 * 3);
        (into as *mut u64).write_unaligned(u64x2_extract_lane::<0>(bytes));
        (into.add(8) as *mut u32).write_unaligned(u32x4_extract_lane::<2>(bytes));
        i += 16;
    }
}

/// How many open registers have each value, which is below 64: 64 counts. Four tables, for registers that are the same follow
/// each other, and an addition would wait for the one before.
#[export_name = "pfHistogram"]
unsafe extern "C" fn pf_histogram(open: *const u8, counts: *mut u32) {
    let mut tables = [[0u32; 64]; 4];
    let mut i = 0;
    while i < REGISTERS {
        for (k, table) in tables.iter_mut().enumerate() {
            *table.get_unchecked_mut((*open.add(i + k) & 63) as usize) += 1;
        }
        i += 4;
    }
    for value in 0..64 {
        *counts.add(value) = tables[0][value] + tables[1][value] + tables[2][value] + tables[3][value];
    }
}
