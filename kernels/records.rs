//! Keys with strings and small collections as Redis's snapshots hold them. They are gathered one behind the other as words of 32
//! bits (lib/persistence/snapshot/recordbatch.ts): a shape, the length of the value, what the shape says there is, then key and
//! value, filled up to a whole word. The shape is that of a record (lib/keyspace/table/record.ts) with two more bits.

use crate::lzf::lzf_compress;
use core::arch::wasm32::*;

const KEY_LENGTH: u32 = 0xffff;
const FORM_SHIFT: u32 = 16;
const FORM_MASK: u32 = 7;
/// Two words: unix ms.
const HAS_TIME: u32 = 1 << 19;
/// A word: seconds, or the counter of LFU.
const HAS_IDLE: u32 = 1 << 20;
const HAS_FREQUENCY: u32 = 1 << 21;

const NUMBER: u32 = 1;
const LIST: u32 = 7;
/// Of text, number, nothing, hash, intset, set, sorted set, list.
const TYPES: [u8; 8] = [0, 0, 0, 16, 11, 20, 17, 18];

const EXPIRE_MS: u8 = 252;
const IDLE: u8 = 248;
const FREQUENCY: u8 = 249;
const LZF: u8 = 0xc3;
/// Of a list: it has one node, which is packed.
const NODES: u8 = 1;
const PACKED: u8 = 2;

const COMPRESSED_MIN: usize = 20;
const SAVED_MIN: usize = 4;
/// What stands before compressed bytes at the most.
const HEAD: usize = 5;

/// Writes all keys of so many words; returns the bytes written. Some bytes behind them are written to. Keys and values are
/// shorter than 16 KB.
#[export_name = "writeRecords"]
unsafe extern "C" fn write_records(from: *const u32, words: usize, into: *mut u8, compresses: i32) -> usize {
    let end = from.add(words);
    let mut at = from;
    let mut out = into;
    while at < end {
        let shape = *at;
        let value_length = *at.add(1) as usize;
        at = at.add(2);
        if shape & HAS_TIME != 0 {
            *out = EXPIRE_MS;
            (out.add(1) as *mut u64).write_unaligned((at as *const u64).read_unaligned());
            out = out.add(9);
            at = at.add(2);
        }
        if shape & HAS_IDLE != 0 {
            *out = IDLE;
            out = put_count(out.add(1), *at as usize);
            at = at.add(1);
        } else if shape & HAS_FREQUENCY != 0 {
            *out = FREQUENCY;
            *out.add(1) = *at as u8;
            out = out.add(2);
            at = at.add(1);
        }
        let form = shape >> FORM_SHIFT & FORM_MASK;
        *out = *TYPES.get_unchecked(form as usize);
        let key = at as *const u8;
        let key_length = (shape & KEY_LENGTH) as usize;
        out = put_string(out.add(1), key, key_length, compresses);
        let value = key.add(key_length);
        if form == 0 {
            out = put_string(out, value, value_length, compresses);
        } else if form == NUMBER {
            out = put_number(out, (value as *const f64).read_unaligned() as i64);
        } else {
            if form == LIST {
                *out = NODES;
                *out.add(1) = PACKED;
                out = out.add(2);
            }
            out = put_bytes(out, value, value_length, compresses);
        }
        at = at.add((key_length + value_length + 3) / 4);
    }
    out.offset_from(into) as usize
}

unsafe fn put_count(out: *mut u8, value: usize) -> *mut u8 {
    if value < 64 {
        *out = value as u8;
        out.add(1)
    } else if value < 16384 {
        *out = 0x40 | (value >> 8) as u8;
        *out.add(1) = value as u8;
        out.add(2)
    } else {
        *out = 0x80;
        (out.add(1) as *mut u32).write_unaligned((value as u32).swap_bytes());
        out.add(5)
    }
}

unsafe fn put_integer(out: *mut u8, number: i32) -> *mut u8 {
    (out.add(1) as *mut i32).write_unaligned(number);
    if number == number as i8 as i32 {
        *out = 0xc0;
        out.add(2)
    } else if number == number as i16 as i32 {
        *out = 0xc1;
        out.add(3)
    } else {
        *out = 0xc2;
        out.add(5)
    }
}

unsafe fn put_number(out: *mut u8, number: i64) -> *mut u8 {
    if number == number as i32 as i64 {
        return put_integer(out, number as i32);
    }
    let mut digits = [0u8; 24];
    let mut start = digits.len();
    let mut left = number.unsigned_abs();
    while left != 0 {
        start -= 1;
        *digits.get_unchecked_mut(start) = b'0' + (left % 10) as u8;
        left /= 10;
    }
    if number < 0 {
        start -= 1;
        *digits.get_unchecked_mut(start) = b'-';
    }
    let length = digits.len() - start;
    let body = put_count(out, length);
    for i in 0..length {
        *body.add(i) = *digits.get_unchecked(start + i);
    }
    body.add(length)
}

/// A string, as an integer if it spells one of 32 bits in its shortest form.
unsafe fn put_string(out: *mut u8, from: *const u8, length: usize, compresses: i32) -> *mut u8 {
    if length <= 11 {
        if let Some(number) = spelled(from, length) {
            return put_integer(out, number);
        }
    }
    put_bytes(out, from, length, compresses)
}

unsafe fn spelled(from: *const u8, length: usize) -> Option<i32> {
    let sign = (length > 1 && *from == b'-') as usize;
    if length == 0 || *from.add(sign) == b'0' && length > 1 {
        return None;
    }
    let mut number = 0i64;
    for i in sign..length {
        let digit = (*from.add(i)).wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + digit as i64;
    }
    if sign == 1 {
        number = -number;
    }
    if number == number as i32 as i64 {
        Some(number as i32)
    } else {
        None
    }
}

unsafe fn put_bytes(out: *mut u8, from: *const u8, length: usize, compresses: i32) -> *mut u8 {
    if compresses != 0 && length > COMPRESSED_MIN {
        let count = lzf_compress(from, length, out.add(HEAD), length - SAVED_MIN);
        if count != 0 {
            *out = LZF;
            let body = put_count(put_count(out.add(1), count), length);
            return copy(out.add(HEAD), count, body);
        }
    }
    copy(from, length, put_count(out, length))
}

/// Returns where the copy ends. Writes up to 15 bytes more; `to` may be a little below `from`.
unsafe fn copy(from: *const u8, length: usize, to: *mut u8) -> *mut u8 {
    let mut i = 0;
    while i < length {
        v128_store(to.add(i) as *mut v128, v128_load(from.add(i) as *const v128));
        i += 16;
    }
    to.add(length)
}
