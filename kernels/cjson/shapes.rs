//! Objects of one kind have the same keys in the same order, and so their tables the same nodes: Lua's layout of a table
//! follows from its keys and their order alone. A shape keeps the nodes of such a table, which the next is given at once:
//! its keys are compared with the text where they stand there, and neither hashed nor looked up, and no table grows step
//! by step. Where an object turns out to have other keys, a table is made of those that were met, as Lua would have.
//!
//! An object is taken for one of the shape that its first key belongs to. A shape is made of what was met twice.

use crate::lua::*;
use crate::state::*;

/// Classes of first keys, and what stands of each: its shape, the keys of the last object without, how much more often the
/// shape was wrong than right, and how many open objects are taken for one of it.
pub const CLASSES: usize = 64;
const CLASS_BYTES: usize = 16;
const CLASS_SEEN: usize = 4;
const CLASS_MISSES: usize = 8;
const CLASS_USES: usize = 12;
/// From so many on a class is let alone until the text ends.
const MISSES_MAX: usize = 8;
/// Keys of a shape, at most.
pub const SHAPE_KEYS: usize = 32;
/// Keys of all open objects that are remembered.
const KEYS_MAX: usize = 1024;
/// A shape: how many keys, a table of Lua's with these, and of each key the string, and the place of its node.
const SHAPE_TABLE: usize = 4;
const SHAPE_HEAD: usize = 8;
const SHAPE_KEY_BYTES: usize = 8;

#[inline(always)]
pub unsafe fn key_count_of(shape: Address) -> usize {
    word(shape)
}

#[inline(always)]
pub unsafe fn table_of(shape: Address) -> Address {
    word(shape + SHAPE_TABLE)
}

#[inline(always)]
pub unsafe fn key_of(shape: Address, index: usize) -> Address {
    word(shape + SHAPE_HEAD + index * SHAPE_KEY_BYTES)
}

/// Where the value of a key stands in a table's nodes.
#[inline(always)]
pub unsafe fn node_of(shape: Address, index: usize) -> usize {
    word(shape + SHAPE_HEAD + index * SHAPE_KEY_BYTES + 4)
}

/// Whether a string of Lua's stands at an address.
#[inline(always)]
unsafe fn is_at(string: Address, at: Address) -> bool {
    let text = text_of(string);
    let length = length_of(string);
    let mut i = 0;
    while i < length {
        if byte(text + i) != byte(at + i) {
            return false;
        }
        i += 1;
    }
    true
}

/// Which class a key belongs to.
#[inline(always)]
unsafe fn class_of(at: Address, length: usize) -> usize {
    if length == 0 {
        return 0;
    }
    (length * 31 + byte(at) as usize * 7 + byte(at + length - 1) as usize) % CLASSES
}

impl State {
    #[inline(always)]
    fn class(&self, class: usize) -> Address {
        self.classes + class * CLASS_BYTES
    }

    /// Forgets what was wrong about shapes in the text before.
    pub unsafe fn begin_shapes(&mut self) {
        self.keys_length = 0;
        let mut class = 0;
        while class < CLASSES {
            set_word(self.class(class) + CLASS_MISSES, 0);
            set_word(self.class(class) + CLASS_USES, 0);
            class += 1;
        }
    }

    /// The class of the object whose first key is the last string, and the shape that it is likely to have, or 0.
    #[inline(always)]
    pub unsafe fn guess(&mut self) -> (usize, Address) {
        if self.string == 0 {
            return (CLASSES, 0);
        }
        let class = class_of(self.string, self.string_length);
        let at = self.class(class);
        let shape = word(at);
        if shape == 0 || word(at + CLASS_MISSES) >= MISSES_MAX {
            return (class, 0);
        }
        let first = key_of(shape, 0);
        if length_of(first) == self.string_length && is_at(first, self.string) {
            set_word(at + CLASS_USES, word(at + CLASS_USES) + 1);
            (class, shape)
        } else {
            (class, 0)
        }
    }

    /// Goes over a key of a shape, with its quotes, if it comes next.
    #[inline(always)]
    pub unsafe fn take_key(&mut self, shape: Address, index: usize) -> bool {
        let key = key_of(shape, index);
        let length = length_of(key);
        // No key of a shape has a zero in it, so what is compared ends where the text ends.
        if byte(self.at) != b'"' || !is_at(key, self.at + 1) || byte(self.at + 1 + length) != b'"' {
            return false;
        }
        self.at += length + 2;
        true
    }

    /// Makes of the table on top of the stack, which was taken for one of a shape, one of the keys that it has.
    pub unsafe fn undo(&mut self, l: Address, frame: *mut Frame) {
        let shape = (*frame).shape;
        lua_createtable(l, 0, 0);
        let table = word(top(l) - 2 * VALUE_BYTES);
        let mut i = 0;
        while i < (*frame).next {
            push(l, key_of(shape, i), STRING);
            push_copy(l, nodes_of(table) + node_of(shape, i));
            lua_rawset(l, -3);
            i += 1;
        }
        let made = top(l) - VALUE_BYTES;
        copy_value(made, made - VALUE_BYTES);
        pop(l, 1);
        self.leave(frame);
    }

    /// The object is no more taken for one of its shape: its keys are remembered from here on.
    pub unsafe fn leave(&mut self, frame: *mut Frame) {
        let shape = (*frame).shape;
        (*frame).shape = 0;
        (*frame).keys = self.keys_length;
        let mut i = 0;
        while i < (*frame).next {
            self.remember(frame, key_of(shape, i));
            i += 1;
        }
        let class = self.class((*frame).class);
        set_word(class + CLASS_MISSES, word(class + CLASS_MISSES) + 1);
        set_word(class + CLASS_USES, word(class + CLASS_USES) - 1);
    }

    /// An object was of its shape to the end.
    #[inline(always)]
    pub unsafe fn confirm(&mut self, frame: *mut Frame) {
        let class = self.class((*frame).class);
        if word(class + CLASS_MISSES) > 0 {
            set_word(class + CLASS_MISSES, word(class + CLASS_MISSES) - 1);
        }
        set_word(class + CLASS_USES, word(class + CLASS_USES) - 1);
    }

    /// Remembers a key of an object that has no shape yet.
    #[inline(always)]
    pub unsafe fn remember(&mut self, frame: *mut Frame, key: Address) {
        if (*frame).keys == UNTRACKED {
            return;
        }
        if self.keys_length == KEYS_MAX || self.keys_length - (*frame).keys == SHAPE_KEYS {
            self.keys_length = (*frame).keys;
            (*frame).keys = UNTRACKED;
            return;
        }
        set_word(self.keys + 4 * self.keys_length, key);
        self.keys_length += 1;
    }

    /// An object without a shape, on top of the stack, is whole: its keys become one if they came before.
    pub unsafe fn learn(&mut self, l: Address, frame: *mut Frame) {
        let first = (*frame).keys;
        if first == UNTRACKED {
            return;
        }
        let count = self.keys_length - first;
        self.keys_length = first;
        let keys = self.keys + 4 * first;
        let class = self.class((*frame).class);
        if count == 0 || word(class + CLASS_MISSES) >= MISSES_MAX || word(class + CLASS_USES) != 0 {
            return;
        }
        let mut seen = count;
        let mut i = 0;
        while i < count {
            seen = (seen ^ word(keys + 4 * i)).wrapping_mul(0x9e37_79b1).rotate_left(13);
            i += 1;
        }
        if word(class + CLASS_SEEN) != seen {
            set_word(class + CLASS_SEEN, seen);
            return;
        }
        self.make(l, class, (*frame).class, keys, count);
    }

    #[inline(never)]
    unsafe fn make(&mut self, l: Address, class: Address, index: usize, keys: Address, count: usize) {
        let table = word(top(l) - VALUE_BYTES);
        let node_count = node_count_of(table);
        let nodes = nodes_of(table);
        if array_size_of(table) != 0 || node_count < count {
            return;
        }
        // The old shape goes first: its strings are kept by the table that is replaced.
        let old = word(class);
        set_word(class, 0);
        let shape = realloc(old, SHAPE_HEAD + SHAPE_KEYS * SHAPE_KEY_BYTES);
        if shape == 0 {
            if old != 0 {
                free(old);
            }
            return;
        }
        let mut i = 0;
        let mut used = 0;
        while i < node_count {
            if type_in(nodes + i * NODE_BYTES) != NIL {
                used += 1;
            }
            i += 1;
        }
        i = 0;
        while i < count && used == count {
            let key = word(keys + 4 * i);
            let place = place_of(nodes, node_count, key);
            if place == UNTRACKED || !is_plain(key) {
                used = 0;
            } else {
                set_word(shape + SHAPE_HEAD + i * SHAPE_KEY_BYTES, key);
                set_word(shape + SHAPE_HEAD + i * SHAPE_KEY_BYTES + 4, place);
            }
            i += 1;
        }
        // A key that came twice has one node.
        if used != count {
            free(shape);
            return;
        }
        push(l, self.anchors, TABLE);
        lua_createtable(l, 0, node_count as i32);
        let own = word(top(l) - VALUE_BYTES);
        take_nodes(own, table, false);
        set_word(shape, count);
        set_word(shape + SHAPE_TABLE, own);
        lua_rawseti(l, -2, index as i32 + 1);
        pop(l, 1);
        set_word(class, shape);
    }
}

/// Where the node of a key stands.
unsafe fn place_of(nodes: Address, count: usize, key: Address) -> usize {
    let mut at = 0;
    while at < count * NODE_BYTES {
        if type_in(nodes + at) != NIL && word(nodes + at + NODE_KEY) == key {
            return at;
        }
        at += NODE_BYTES;
    }
    UNTRACKED
}

/// Whether the bytes of a key are what stands in a text.
unsafe fn is_plain(key: Address) -> bool {
    let mut i = 0;
    while i < length_of(key) {
        let own = byte(text_of(key) + i);
        if own == b'"' || own == b'\\' || own == 0 {
            return false;
        }
        i += 1;
    }
    true
}
