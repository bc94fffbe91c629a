//! cjson.encode: JSON text byte for byte. A table is an array if all its keys are integers from 1 and it is not too sparse,
//! an empty one an object unless it is marked. Tables are read where they stand, and walked by a list of our own.

use crate::lua::*;
use crate::state::*;
use core::arch::wasm32::*;

#[link(wasm_import_module = "host")]
extern "C" {
    /// How many elements the array has that a table with a metatable is marked as; -1 if it is not.
    fn marked(l: Address, table: Address) -> i32;
    /// Writes a number in the form of `%.{precision}g` and says how long it is.
    fn print(value: f64, precision: i32, at: Address) -> usize;
}

/// lua_checkstack refuses more slots than this to a C function (LUAI_MAXCSTACK).
const STACK_SLOTS: usize = 8000;
/// What cjson asks for before it goes into a table.
const SLOTS_AHEAD: usize = 3;
/// Units of work of each value, and bytes of a string that are one (log of 2).
const VALUE_WORK: usize = 4;
const SCANNED_BYTES_LOG: usize = 4;
/// The longest number that is written.
const NUMBER_BYTES: usize = 32;
/// Decimals that are tried before a number is left to JavaScript.
const DECIMALS_MAX: u32 = 8;
const WHOLE_OBJECT: usize = usize::MAX;
/// The table is an object, for `array_length`.
const NO_ARRAY: i32 = -1;
const SPARSE: i32 = i32::MIN + 1;

/// Pushes the JSON text of the value in a slot.
#[no_mangle]
unsafe extern "C" fn encode(l: Address, state: *mut State, slot: Address) -> Outcome {
    let s = &mut *state;
    s.depth = 0;
    s.release();
    let mut outcome = s.write(l, slot);
    while outcome == DONE && s.depth > 0 {
        outcome = s.go_on(l);
    }
    if outcome == DONE {
        s.work(s.length >> SCANNED_BYTES_LOG);
        lua_pushlstring(l, s.buffer, s.length);
    }
    s.release();
    outcome
}

impl State {
    fn refuse(&mut self, outcome: Outcome, kind: i32) -> Outcome {
        self.found = kind;
        outcome
    }

    /// Writes a value; of a table its beginning, which makes it the innermost.
    #[inline(never)]
    unsafe fn write(&mut self, l: Address, slot: Address) -> Outcome {
        self.work(VALUE_WORK);
        let kind = type_in(slot);
        if kind == STRING {
            self.write_string(word(slot))
        } else if kind == NUMBER {
            self.write_number(number_in(slot))
        } else if kind == TABLE {
            self.begin_table(l, word(slot))
        } else if kind == BOOLEAN {
            if word(slot) != 0 {
                self.write_word(0x65757274, 4)
            } else {
                self.write_word(0x65_736c6166, 5)
            }
        } else if kind == NIL || (kind == LIGHT_USERDATA && word(slot) == 0) {
            self.write_word(0x6c6c756e, 4)
        } else {
            self.refuse(NOT_SUPPORTED, kind)
        }
    }

    /// Up to eight bytes, the first of them the lowest.
    #[inline(always)]
    unsafe fn write_word(&mut self, bytes: u64, count: usize) -> Outcome {
        if !self.reserve(8) {
            return NO_MEMORY;
        }
        ((self.buffer + self.length) as *mut u64).write_unaligned(bytes);
        self.length += count;
        DONE
    }

    #[inline(never)]
    unsafe fn begin_table(&mut self, l: Address, table: Address) -> Outcome {
        let slots = if self.depth == 0 {
            1
        } else {
            let outer = self.frame();
            (*outer).class + if (*outer).shape == WHOLE_OBJECT { 2 } else { 1 }
        };
        let depth = self.depth + 1;
        if depth as i32 > self.setting(ENCODE_MAX_DEPTH) || slots + SLOTS_AHEAD > STACK_SLOTS {
            self.index = depth as i32;
            return TOO_DEEP;
        }
        let length = if metatable_of(table) == 0 { NO_ARRAY } else { marked(l, table) };
        let is_marked = length != NO_ARRAY;
        let length = if is_marked { length } else { self.array_length(table) };
        if length == SPARSE {
            return self.refuse(TOO_SPARSE, TABLE);
        }
        let is_array = is_marked || length > 0;
        // Elements and commas. A sparse array may ask for more than there is memory, and filling that would take long.
        if !self.reserve(if length > 0 { 2 * length as usize } else { 0 } + 1) {
            return NO_MEMORY;
        }
        self.put(if is_array { b'[' } else { b'{' });
        let shape = if is_array { length as usize } else { WHOLE_OBJECT };
        if !self.open(Frame { count: 0, keys: table, shape, next: 0, class: slots }) {
            return NO_MEMORY;
        }
        DONE
    }

    /// The length of the array that a table is; -1, or less than 1 by an overflow that is cjson's own, for an object.
    unsafe fn array_length(&mut self, table: Address) -> i32 {
        let size = array_size_of(table);
        let count = node_count_of(table);
        self.work(size + count);
        let mut items = 0i32;
        let mut max = 0i32;
        let mut i = 0;
        while i < size {
            if type_in(array_of(table) + i * VALUE_BYTES) != NIL {
                max = i as i32 + 1;
                items += 1;
            }
            i += 1;
        }
        let nodes = nodes_of(table);
        i = 0;
        while i < count {
            let node = nodes + i * NODE_BYTES;
            i += 1;
            if type_in(node) == NIL {
                continue;
            }
            if type_in(node + NODE_KEY) != NUMBER {
                return NO_ARRAY;
            }
            let key = number_in(node + NODE_KEY);
            if !(key >= 1.0 && (key >= 9_007_199_254_740_992.0 || (key as i64) as f64 == key)) {
                return NO_ARRAY;
            }
            // C's conversion to an int of what does not fit.
            if key > max as f64 {
                max = if key <= 2_147_483_647.0 { key as i32 } else { i32::MIN };
            }
            items += 1;
        }
        let ratio = self.setting(SPARSE_RATIO);
        if ratio == 0 || max <= items.wrapping_mul(ratio) || max <= self.setting(SPARSE_SAFE) {
            return max;
        }
        if self.setting(SPARSE_CONVERT) == 0 {
            SPARSE
        } else {
            NO_ARRAY
        }
    }

    /// Writes the next element or pair of the innermost table, or its end.
    unsafe fn go_on(&mut self, l: Address) -> Outcome {
        let frame = self.frame();
        if (*frame).shape == WHOLE_OBJECT {
            self.pair(l, frame)
        } else {
            self.element(l, frame)
        }
    }

    #[inline(always)]
    unsafe fn separate(&mut self, frame: *mut Frame) -> Outcome {
        if (*frame).count > 0 {
            if !self.reserve(1) {
                return NO_MEMORY;
            }
            self.put(b',');
        }
        (*frame).count = 1;
        DONE
    }

    unsafe fn end(&mut self, end: u8) -> Outcome {
        if !self.reserve(1) {
            return NO_MEMORY;
        }
        self.put(end);
        self.depth -= 1;
        DONE
    }

    #[inline(always)]
    unsafe fn element(&mut self, l: Address, frame: *mut Frame) -> Outcome {
        let index = (*frame).next;
        if index == (*frame).shape {
            return self.end(b']');
        }
        if self.separate(frame) != DONE {
            return NO_MEMORY;
        }
        (*frame).next += 1;
        let table = (*frame).keys;
        if index < array_size_of(table) {
            return self.write(l, array_of(table) + index * VALUE_BYTES);
        }
        // Those beyond the array part are looked for by Lua.
        push(l, table, TABLE);
        lua_rawgeti(l, -1, index as i32 + 1);
        pop(l, 2);
        self.write(l, top(l) + VALUE_BYTES)
    }

    #[inline(always)]
    unsafe fn pair(&mut self, l: Address, frame: *mut Frame) -> Outcome {
        let table = (*frame).keys;
        let size = array_size_of(table);
        let count = size + node_count_of(table);
        let mut at = (*frame).next;
        let mut slot;
        loop {
            if at == count {
                return self.end(b'}');
            }
            slot = if at < size {
                array_of(table) + at * VALUE_BYTES
            } else {
                nodes_of(table) + (at - size) * NODE_BYTES
            };
            at += 1;
            if type_in(slot) != NIL {
                break;
            }
        }
        (*frame).next = at;
        if self.separate(frame) != DONE {
            return NO_MEMORY;
        }
        let outcome = if at <= size {
            self.number_key(at as f64)
        } else {
            let kind = type_in(slot + NODE_KEY);
            if kind == STRING {
                self.write_string(word(slot + NODE_KEY))
            } else if kind == NUMBER {
                self.number_key(number_in(slot + NODE_KEY))
            } else {
                self.refuse(NOT_A_KEY, kind)
            }
        };
        if outcome != DONE {
            return outcome;
        }
        if !self.reserve(1) {
            return NO_MEMORY;
        }
        self.put(b':');
        self.write(l, slot)
    }

    unsafe fn number_key(&mut self, key: f64) -> Outcome {
        if !self.reserve(1) {
            return NO_MEMORY;
        }
        self.put(b'"');
        let outcome = self.write_number(key);
        if outcome != DONE {
            return outcome;
        }
        if !self.reserve(1) {
            return NO_MEMORY;
        }
        self.put(b'"');
        DONE
    }

    #[inline(never)]
    unsafe fn write_string(&mut self, string: Address) -> Outcome {
        let mut at = text_of(string);
        let end = at + length_of(string);
        self.work((end - at) >> SCANNED_BYTES_LOG);
        // Quotes; what is written 16 bytes at a time may go past the end.
        if !self.reserve(end - at + 18) {
            return NO_MEMORY;
        }
        self.put(b'"');
        while at < end {
            let left = end - at;
            if left >= 16 {
                let bytes = v128_load(at as *const v128);
                v128_store((self.buffer + self.length) as *mut v128, bytes);
                let plain = escapes(bytes).trailing_zeros() as usize;
                if plain >= 16 {
                    at += 16;
                    self.length += 16;
                    continue;
                }
                at += plain;
                self.length += plain;
            } else if !has_escape(byte(at)) {
                self.put(byte(at));
                at += 1;
                continue;
            }
            if !self.reserve(end - at + 24) {
                return NO_MEMORY;
            }
            self.put_escape(byte(at));
            at += 1;
        }
        self.put(b'"');
        DONE
    }

    /// At most six bytes.
    #[inline(never)]
    unsafe fn put_escape(&mut self, escaped: u8) {
        self.put(b'\\');
        // b, t, n, nothing, f, r: of 8 to 13, in a word, as a table would be data.
        const SHORT: u64 = 0x7266_006e_7462;
        let place = escaped.wrapping_sub(8) as u32 * 8;
        let short = if place < 48 { (SHORT >> place) as u8 } else { 0 };
        let letter = if short != 0 {
            short
        } else if escaped >= 32 && escaped != 127 {
            escaped
        } else {
            b'u'
        };
        self.put(letter);
        if letter == b'u' {
            self.put(b'0');
            self.put(b'0');
            self.put(digit_of(escaped >> 4));
            self.put(digit_of(escaped & 15));
        }
    }

    #[inline(never)]
    unsafe fn write_number(&mut self, value: f64) -> Outcome {
        let magnitude = if value < 0.0 { -value } else { value };
        if !self.reserve(NUMBER_BYTES) {
            return NO_MEMORY;
        }
        let precision = self.setting(NUMBER_PRECISION);
        if magnitude < 100_000.0 || (magnitude < 1e14 && precision == 14) {
            // Zero may be negative, and small numbers have exponents.
            if magnitude >= 0.001 && precision >= 5 && self.write_plain(value < 0.0, magnitude, precision) {
                return DONE;
            }
            if value == 0.0 && value.to_bits() == 0 {
                self.put(b'0');
                return DONE;
            }
        }
        self.write_odd(value, magnitude, precision)
    }

    #[inline(never)]
    unsafe fn write_odd(&mut self, value: f64, magnitude: f64, precision: i32) -> Outcome {
        // Infinities and NaN.
        if !(magnitude < f64::INFINITY) {
            let invalid = self.setting(ENCODE_INVALID_NUMBERS);
            if invalid == 2 {
                return self.write_word(0x6c6c756e, 4);
            }
            if invalid != 1 {
                return self.refuse(NOT_A_NUMBER, NUMBER);
            }
        }
        self.length += print(value, precision, self.buffer + self.length);
        DONE
    }

    /// Writes a number that is the nearest to a decimal of no more digits than the precision; false if it is none of few
    /// decimals. The shortest decimal that is so near is the one that `%g` gives.
    #[inline(always)]
    unsafe fn write_plain(&mut self, is_negative: bool, magnitude: f64, precision: i32) -> bool {
        let limit = if precision == 14 { 1e14 } else { 1e5 };
        let mut scale = 1.0;
        let mut decimals = 0;
        let mut digits;
        loop {
            // To the nearest integer.
            let scaled = magnitude * scale + 0.5;
            if scaled >= limit {
                return false;
            }
            digits = scaled as u64;
            if digits as f64 / scale == magnitude {
                break;
            }
            decimals += 1;
            if decimals > DECIMALS_MAX {
                return false;
            }
            scale *= 10.0;
        }
        if is_negative {
            self.put(b'-');
        }
        let mut count = 1;
        let mut power = 10u64;
        while digits >= power {
            count += 1;
            power *= 10;
        }
        if count <= decimals {
            count = decimals + 1;
        }
        let point = if decimals > 0 { 1 } else { 0 };
        let end = self.buffer + self.length + (count + point) as usize;
        let mut at = end;
        let mut left = decimals;
        while count > 0 {
            at -= 1;
            *(at as *mut u8) = b'0' + (digits % 10) as u8;
            digits /= 10;
            count -= 1;
            left = left.wrapping_sub(1);
            if left == 0 {
                at -= 1;
                *(at as *mut u8) = b'.';
            }
        }
        self.length = end - self.buffer;
        true
    }
}

#[inline(always)]
fn has_escape(byte: u8) -> bool {
    byte < 32 || byte == b'"' || byte == b'/' || byte == b'\\' || byte == 127
}

/// A bit of each of 16 bytes that has an escape.
#[inline(always)]
unsafe fn escapes(bytes: v128) -> u32 {
    let quotes = v128_or(u8x16_eq(bytes, u8x16_splat(b'"')), u8x16_eq(bytes, u8x16_splat(b'\\')));
    let others = v128_or(u8x16_eq(bytes, u8x16_splat(b'/')), u8x16_eq(bytes, u8x16_splat(127)));
    u8x16_bitmask(v128_or(v128_or(quotes, others), u8x16_lt(bytes, u8x16_splat(32)))) as u32 | 1 << 16
}

fn digit_of(value: u8) -> u8 {
    if value < 10 {
        b'0' + value
    } else {
        b'a' + value - 10
    }
}
