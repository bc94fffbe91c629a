//! The tokens of JSON text as lua-cjson takes it. The text is a string of Lua's, so a zero follows it; as in C the first zero
//! is the end.

use crate::lua::*;
use crate::state::*;
use core::arch::wasm32::*;

#[link(wasm_import_module = "host")]
extern "C" {
    /// Reads what begins at `state.at` and is no plain number: pushes the number and says how many bytes it has; or says 0
    /// for an invalid number, -1 for an invalid token.
    fn odd(l: Address, state: *mut State) -> i32;
}

/// As lib/scripting/libraries/cjson.ts names them.
pub type Token = i32;
pub const OBJECT_BEGIN: Token = 0;
pub const OBJECT_END: Token = 1;
pub const ARRAY_BEGIN: Token = 2;
pub const ARRAY_END: Token = 3;
pub const TEXT: Token = 4;
pub const NUMBER_TOKEN: Token = 5;
pub const BOOLEAN_TOKEN: Token = 6;
pub const NULL: Token = 7;
pub const COLON: Token = 8;
pub const COMMA: Token = 9;
pub const END: Token = 10;
pub const INVALID_TOKEN: Token = 11;
pub const INVALID_NUMBER: Token = 12;
pub const OPEN_STRING: Token = 13;
pub const INVALID_UNICODE: Token = 14;
pub const INVALID_ESCAPE: Token = 15;
pub const BUFFER_FULL: Token = 16;

/// Units of work of a token, and bytes that are a unit (log of 2).
const TOKEN_WORK: usize = 4;
const SCANNED_BYTES_LOG: usize = 4;
/// A number of up to so many digits is exact when summed up digit by digit.
const EXACT_DIGITS: usize = 15;

#[inline(always)]
pub fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t' || byte == b'\n' || byte == b'\r'
}

impl State {
    #[inline(always)]
    pub unsafe fn skip_blanks(&mut self) -> u8 {
        let mut first = byte(self.at);
        if is_blank(first) {
            let before = self.at;
            while is_blank(first) {
                self.at += 1;
                first = byte(self.at);
            }
            self.work((self.at - before) >> SCANNED_BYTES_LOG);
        }
        first
    }

    pub unsafe fn next(&mut self, l: Address) -> Token {
        let first = self.skip_blanks();
        self.work(TOKEN_WORK);
        self.index = (self.at - self.start) as i32;
        if first == b'"' {
            return self.read_string();
        }
        if first == b',' {
            return self.short(COMMA, 1);
        }
        if first == b':' {
            return self.short(COLON, 1);
        }
        if first == b'-' || first.wrapping_sub(b'0') <= 9 {
            return self.read_number(l, first);
        }
        if first == b'{' {
            return self.short(OBJECT_BEGIN, 1);
        }
        if first == b'}' {
            return self.short(OBJECT_END, 1);
        }
        if first == b'[' {
            return self.short(ARRAY_BEGIN, 1);
        }
        if first == b']' {
            return self.short(ARRAY_END, 1);
        }
        if first == 0 {
            return END;
        }
        self.read_word(l, first)
    }

    #[inline(always)]
    fn short(&mut self, token: Token, length: usize) -> Token {
        self.at += length;
        token
    }

    /// An error at the place that is reached.
    unsafe fn wrong(&mut self, problem: Token) -> Token {
        self.index = (self.at - self.start) as i32;
        problem
    }

    #[inline(always)]
    unsafe fn read_string(&mut self) -> Token {
        let start = self.at + 1;
        self.at = start;
        let end = plain_end(start);
        self.work((end - start) >> SCANNED_BYTES_LOG);
        if byte(end) == b'"' {
            self.string = start;
            self.string_length = end - start;
            self.at = end + 1;
            return TEXT;
        }
        self.read_escaped(end)
    }

    /// The rest of a string that is plain up to `end`.
    #[inline(never)]
    unsafe fn read_escaped(&mut self, mut end: Address) -> Token {
        self.release();
        loop {
            let count = end - self.at;
            // An escape is four bytes of UTF-8 at most.
            if !self.reserve(count + 4) {
                return BUFFER_FULL;
            }
            self.put_all(self.at, count);
            self.work(TOKEN_WORK + (count >> SCANNED_BYTES_LOG));
            self.at = end;
            let stop = byte(end);
            if stop == 0 {
                return self.wrong(OPEN_STRING);
            }
            if stop == b'"' {
                break;
            }
            let problem = self.read_escape();
            if problem != TEXT {
                return self.wrong(problem);
            }
            end = plain_end(self.at);
        }
        self.string = 0;
        self.string_length = self.length;
        self.at += 1;
        TEXT
    }

    /// Goes over an escape, with what it stands for added; TEXT, or what is wrong with it.
    unsafe fn read_escape(&mut self) -> Token {
        let letter = byte(self.at + 1);
        if letter == b'u' {
            return self.read_unicode();
        }
        // What b to i and n to u stand for, in a word each, as a table would be data.
        const EARLY: u64 = 0x0c_0000_0008;
        const LATE: u64 = 0x09_000d_0000_000a;
        let early = letter.wrapping_sub(b'b') as u32;
        let late = letter.wrapping_sub(b'n') as u32;
        let meant = if early < 8 {
            (EARLY >> (8 * early)) as u8
        } else if late < 8 {
            (LATE >> (8 * late)) as u8
        } else if letter == b'"' || letter == b'\\' || letter == b'/' {
            letter
        } else {
            0
        };
        if meant == 0 {
            return INVALID_ESCAPE;
        }
        self.put(meant);
        self.at += 2;
        TEXT
    }

    /// `\uXXXX`, or two of them for a code point beyond the 16-bit ones.
    unsafe fn read_unicode(&mut self) -> Token {
        let unit = four_digits(self.at + 2);
        if unit < 0 {
            return INVALID_UNICODE;
        }
        if unit < 0xd800 || unit > 0xdfff {
            self.put_point(unit as u32);
            self.at += 6;
            return TEXT;
        }
        if unit > 0xdbff || byte(self.at + 6) != b'\\' || byte(self.at + 7) != b'u' {
            return INVALID_UNICODE;
        }
        let low = four_digits(self.at + 8);
        if low < 0xdc00 || low > 0xdfff {
            return INVALID_UNICODE;
        }
        self.put_point(0x10000 + (((unit & 0x3ff) << 10) + (low & 0x3ff)) as u32);
        self.at += 12;
        TEXT
    }

    /// UTF-8.
    unsafe fn put_point(&mut self, point: u32) {
        if point <= 0x7f {
            self.put(point as u8);
        } else if point <= 0x7ff {
            self.put((0xc0 | point >> 6) as u8);
            self.put((0x80 | (point & 0x3f)) as u8);
        } else if point <= 0xffff {
            self.put((0xe0 | point >> 12) as u8);
            self.put((0x80 | (point >> 6 & 0x3f)) as u8);
            self.put((0x80 | (point & 0x3f)) as u8);
        } else {
            self.put((0xf0 | point >> 18) as u8);
            self.put((0x80 | (point >> 12 & 0x3f)) as u8);
            self.put((0x80 | (point >> 6 & 0x3f)) as u8);
            self.put((0x80 | (point & 0x3f)) as u8);
        }
    }

    /// An integer, perhaps with a fraction, of few digits, which is nearly all numbers there are; others go the long way.
    #[inline(always)]
    unsafe fn read_number(&mut self, l: Address, first: u8) -> Token {
        let start = if first == b'-' { self.at + 1 } else { self.at };
        let mut at = start;
        let mut value = 0u64;
        let mut digit = byte(at).wrapping_sub(b'0');
        while digit <= 9 {
            value = value.wrapping_mul(10).wrapping_add(digit as u64);
            at += 1;
            digit = byte(at).wrapping_sub(b'0');
        }
        let mut digits = at - start;
        if digits == 0 || (digits > 1 && byte(start) == b'0') {
            return self.read_odd(l);
        }
        let mut scale = 1.0;
        if byte(at) == b'.' {
            let point = at;
            at += 1;
            digit = byte(at).wrapping_sub(b'0');
            while digit <= 9 {
                value = value.wrapping_mul(10).wrapping_add(digit as u64);
                scale *= 10.0;
                at += 1;
                digit = byte(at).wrapping_sub(b'0');
            }
            digits += at - point - 1;
        }
        // An exponent or the x of hexadecimal goes on with the number.
        let behind = byte(at) | 0x20;
        if digits > EXACT_DIGITS || behind == b'e' || behind == b'x' {
            return self.read_odd(l);
        }
        // Both are exact, so their quotient is the nearest double.
        let magnitude = value as f64 / scale;
        self.number = if first == b'-' { -magnitude } else { magnitude };
        self.is_pushed = false;
        self.at = at;
        NUMBER_TOKEN
    }

    #[inline(never)]
    unsafe fn read_odd(&mut self, l: Address) -> Token {
        let length = odd(l, self);
        if length <= 0 {
            return self.wrong(if length == 0 { INVALID_NUMBER } else { INVALID_TOKEN });
        }
        self.is_pushed = true;
        self.short(NUMBER_TOKEN, length as usize)
    }

    #[inline(never)]
    unsafe fn read_word(&mut self, l: Address, first: u8) -> Token {
        let at = self.at;
        if first == b't' && byte(at + 1) == b'r' && byte(at + 2) == b'u' && byte(at + 3) == b'e' {
            self.number = 1.0;
            return self.short(BOOLEAN_TOKEN, 4);
        }
        if first == b'f'
            && byte(at + 1) == b'a'
            && byte(at + 2) == b'l'
            && byte(at + 3) == b's'
            && byte(at + 4) == b'e'
        {
            self.number = 0.0;
            return self.short(BOOLEAN_TOKEN, 5);
        }
        if first == b'n' && byte(at + 1) == b'u' && byte(at + 2) == b'l' && byte(at + 3) == b'l' {
            return self.short(NULL, 4);
        }
        self.read_odd(l)
    }

    /// Pushes the last string.
    #[inline(always)]
    pub unsafe fn push_string(&mut self, l: Address) {
        let from = if self.string == 0 { self.buffer } else { self.string };
        lua_pushlstring(l, from, self.string_length);
    }
}

/// Where the first quote, backslash or zero stands.
#[inline(always)]
unsafe fn plain_end(start: Address) -> Address {
    let mut at = start;
    let memory_end = memory_size::<0>() << 16;
    while at + 16 <= memory_end {
        let bytes = v128_load(at as *const v128);
        let stops = v128_or(
            v128_or(u8x16_eq(bytes, u8x16_splat(b'"')), u8x16_eq(bytes, u8x16_splat(b'\\'))),
            u8x16_eq(bytes, u8x16_splat(0)),
        );
        let found = u8x16_bitmask(stops);
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += 16;
    }
    loop {
        let stop = byte(at);
        if stop == b'"' || stop == b'\\' || stop == 0 {
            return at;
        }
        at += 1;
    }
}

/// A number of four hexadecimal digits; negative for anything else.
unsafe fn four_digits(at: Address) -> i32 {
    let mut value = 0;
    let mut i = 0;
    while i < 4 {
        let letter = byte(at + i);
        let lower = (letter | 0x20).wrapping_sub(b'a');
        let digit = if letter.wrapping_sub(b'0') <= 9 {
            letter - b'0'
        } else if lower < 6 {
            lower + 10
        } else {
            return -1;
        };
        value = value << 4 | digit as i32;
        i += 1;
    }
    value
}
