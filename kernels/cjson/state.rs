//! What is kept from token to token, and from call to call.

use crate::lua::*;

#[link(wasm_import_module = "host")]
extern "C" {
    /// Looks at the clock; does not return where the script has had its time.
    fn look();
}

/// Units of work between two looks: some 0.5 ms.
const WORK: i32 = 100_000;
/// Settings, which are 32-bit integers: lib/scripting/libraries/cjson-settings.ts.
pub const SPARSE_CONVERT: usize = 0;
pub const SPARSE_RATIO: usize = 1;
pub const SPARSE_SAFE: usize = 2;
pub const ENCODE_MAX_DEPTH: usize = 3;
pub const DECODE_MAX_DEPTH: usize = 4;
pub const ENCODE_INVALID_NUMBERS: usize = 5;
pub const NUMBER_PRECISION: usize = 7;
pub const MARK_ARRAYS: usize = 9;

/// Why a call ended, for JavaScript to raise: 0 where all went well.
pub type Outcome = i32;
pub const DONE: Outcome = 0;
/// Something else was expected: `expected`, `found` and `index`.
pub const UNEXPECTED: Outcome = 1;
/// Nested too deep: `index` is the depth.
pub const TOO_DEEP: Outcome = 2;
pub const NO_MEMORY: Outcome = 3;
/// Of these, `found` is the type of the value.
pub const NOT_SUPPORTED: Outcome = 4;
pub const NOT_A_KEY: Outcome = 5;
pub const NOT_A_NUMBER: Outcome = 6;
pub const TOO_SPARSE: Outcome = 7;

/// A container that is open.
#[repr(C)]
pub struct Frame {
    /// Decoding: elements of an array so far, or OBJECT. Encoding: how many elements or pairs are written.
    pub count: i32,
    /// Decoding an object: where its keys begin among the keys, or UNTRACKED. Encoding: the table.
    pub keys: usize,
    /// Decoding an object: the shape that it is taken to have, or 0. Encoding: elements of an array, or OBJECT.
    pub shape: usize,
    /// Decoding: keys that were as in the shape. Encoding: the element or node that comes next.
    pub next: usize,
    /// Decoding: the class of the object's first key. Encoding: slots that C's encoder would have in use.
    pub class: usize,
}

pub const FRAME_BYTES: usize = 20;
pub const OBJECT: i32 = -1;
pub const UNTRACKED: usize = usize::MAX;

/// JavaScript makes it as zeros and sets `settings`, `anchors` and `classes`; it reads the first six.
#[repr(C)]
pub struct State {
    pub at: Address,
    pub start: Address,
    pub index: i32,
    pub expected: i32,
    pub found: i32,
    /// Bytes that are gathered: a string without its escapes, or what is encoded.
    pub buffer: Address,
    pub length: usize,
    pub capacity: usize,
    pub settings: Address,
    /// A table of Lua's that keeps what shapes are copied from.
    pub anchors: Address,
    /// Of each class of first keys, see shapes.rs.
    pub classes: Address,
    pub work_left: i32,
    /// Slots of Lua's stack in use.
    pub slots: i32,
    pub frames: Address,
    pub frames_capacity: usize,
    pub depth: usize,
    pub keys: Address,
    pub keys_length: usize,
    /// The last string: where it stands in the text; or 0 where it is in the buffer.
    pub string: Address,
    pub string_length: usize,
    /// The last number or boolean; `is_pushed` where JavaScript has read it and pushed it already.
    pub number: f64,
    pub is_pushed: bool,
    /// Elements for which the next array is given room, by its depth: a power of 2.
    pub room: [u8; 8],
}

impl State {
    #[inline(always)]
    pub unsafe fn work(&mut self, units: usize) {
        self.work_left -= units as i32;
        if self.work_left < 0 {
            self.work_left = WORK;
            look();
        }
    }

    #[inline(always)]
    pub unsafe fn setting(&self, which: usize) -> i32 {
        word(self.settings + 4 * which) as i32
    }

    #[inline(always)]
    pub unsafe fn frame(&self) -> *mut Frame {
        (self.frames + (self.depth - 1) * FRAME_BYTES) as *mut Frame
    }

    /// Opens a container. False where there is no memory.
    #[inline(always)]
    pub unsafe fn open(&mut self, frame: Frame) -> bool {
        if self.depth == self.frames_capacity && !self.grow_frames() {
            return false;
        }
        self.depth += 1;
        *self.frame() = frame;
        true
    }

    #[cold]
    #[inline(never)]
    unsafe fn grow_frames(&mut self) -> bool {
        let capacity = if self.depth == 0 { 32 } else { 2 * self.depth };
        let frames = realloc(self.frames, capacity * FRAME_BYTES);
        if frames == 0 {
            return false;
        }
        self.frames = frames;
        self.frames_capacity = capacity;
        true
    }

    /// Makes room for so many bytes more in the buffer. False where there is no memory.
    #[inline(always)]
    pub unsafe fn reserve(&mut self, count: usize) -> bool {
        count <= self.capacity - self.length || self.grow(count)
    }

    #[cold]
    #[inline(never)]
    unsafe fn grow(&mut self, count: usize) -> bool {
        let needed = match self.length.checked_add(count) {
            Some(needed) if needed <= 0x7fff_0000 => needed,
            _ => return false,
        };
        let doubled = 2 * self.capacity;
        let capacity = if needed > doubled { needed } else { doubled };
        let buffer = realloc(self.buffer, capacity);
        if buffer == 0 {
            return false;
        }
        self.buffer = buffer;
        self.capacity = capacity;
        true
    }

    /// Empties the buffer, and gives back one that has grown large.
    pub unsafe fn release(&mut self) {
        const KEPT_BYTES: usize = 65536;
        self.length = 0;
        if self.capacity > KEPT_BYTES {
            free(self.buffer);
            self.buffer = 0;
            self.capacity = 0;
        }
    }

    /// A byte, for which there must be room.
    #[inline(always)]
    pub unsafe fn put(&mut self, byte: u8) {
        *((self.buffer + self.length) as *mut u8) = byte;
        self.length += 1;
    }

    /// Bytes for which there must be room.
    #[inline(always)]
    pub unsafe fn put_all(&mut self, from: Address, count: usize) {
        core::ptr::copy_nonoverlapping(from as *const u8, (self.buffer + self.length) as *mut u8, count);
        self.length += count;
    }
}
