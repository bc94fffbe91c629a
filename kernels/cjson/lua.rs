//! Lua 5.1.5 as the one binary that we use has it, for 32 bits: its C API, and the layout of its values. The same stands at
//! the end of lib/scripting/luamemory.ts.

pub type Address = usize;

#[link(wasm_import_module = "lua")]
extern "C" {
    pub fn lua_createtable(l: Address, elements: i32, pairs: i32);
    pub fn lua_pushlstring(l: Address, bytes: Address, length: usize);
    pub fn lua_rawset(l: Address, index: i32);
    pub fn lua_rawseti(l: Address, index: i32, n: i32);
    pub fn lua_rawgeti(l: Address, index: i32, n: i32);
    pub fn lua_checkstack(l: Address, slots: i32) -> i32;
    pub fn realloc(block: Address, bytes: usize) -> Address;
    pub fn free(block: Address);
}

pub const NIL: i32 = 0;
pub const BOOLEAN: i32 = 1;
pub const LIGHT_USERDATA: i32 = 2;
pub const NUMBER: i32 = 3;
pub const STRING: i32 = 4;
pub const TABLE: i32 = 5;

/// A value on a stack or in a table: eight bytes, and its type.
pub const VALUE_BYTES: usize = 16;
/// A node of a table: value, key, type of the key, link to the next.
pub const NODE_BYTES: usize = 32;
pub const NODE_KEY: usize = 16;
const NODE_NEXT: usize = 28;
/// Where the bytes of a string begin.
const STRING_HEAD: usize = 16;
const STRING_LENGTH: usize = 12;
/// Offsets within lua_State and Table.
const TOP: usize = 8;
const MARK: usize = 5;
const FLAGS: usize = 6;
const NODES_LOG: usize = 7;
const METATABLE: usize = 8;
const ARRAY: usize = 12;
const NODES: usize = 16;
const LAST_FREE: usize = 20;
const ARRAY_SIZE: usize = 28;
/// Set in the mark of an object that the collector has looked at, and of all that it refers to.
const MARKED_BLACK: u8 = 4;

#[inline(always)]
pub unsafe fn byte(at: Address) -> u8 {
    *(at as *const u8)
}

#[inline(always)]
pub unsafe fn word(at: Address) -> usize {
    *(at as *const usize)
}

#[inline(always)]
pub unsafe fn set_word(at: Address, word: usize) {
    *(at as *mut usize) = word;
}

#[inline(always)]
pub unsafe fn type_in(slot: Address) -> i32 {
    *((slot + 8) as *const i32)
}

#[inline(always)]
pub unsafe fn number_in(slot: Address) -> f64 {
    *(slot as *const f64)
}

#[inline(always)]
pub unsafe fn set_value(slot: Address, word: usize, kind: i32) {
    set_word(slot, word);
    *((slot + 8) as *mut i32) = kind;
}

#[inline(always)]
pub unsafe fn copy_value(from: Address, to: Address) {
    *(to as *mut u64) = *(from as *const u64);
    *((to + 8) as *mut i32) = type_in(from);
}

/// Behind the slot on top of the stack.
#[inline(always)]
pub unsafe fn top(l: Address) -> Address {
    word(l + TOP)
}

#[inline(always)]
pub unsafe fn set_top(l: Address, top: Address) {
    set_word(l + TOP, top);
}

#[inline(always)]
pub unsafe fn push(l: Address, word: usize, kind: i32) {
    let slot = top(l);
    set_value(slot, word, kind);
    set_top(l, slot + VALUE_BYTES);
}

#[inline(always)]
pub unsafe fn push_number(l: Address, value: f64) {
    let slot = top(l);
    *(slot as *mut f64) = value;
    *((slot + 8) as *mut i32) = NUMBER;
    set_top(l, slot + VALUE_BYTES);
}

#[inline(always)]
pub unsafe fn push_copy(l: Address, from: Address) {
    let slot = top(l);
    copy_value(from, slot);
    set_top(l, slot + VALUE_BYTES);
}

#[inline(always)]
pub unsafe fn pop(l: Address, values: usize) {
    set_top(l, top(l) - values * VALUE_BYTES);
}

#[inline(always)]
pub unsafe fn text_of(string: Address) -> Address {
    string + STRING_HEAD
}

#[inline(always)]
pub unsafe fn length_of(string: Address) -> usize {
    word(string + STRING_LENGTH)
}

/// Whether the collector would have to be told of a value that is put into a table.
#[inline(always)]
pub unsafe fn is_black(table: Address) -> bool {
    byte(table + MARK) & MARKED_BLACK != 0
}

#[inline(always)]
pub unsafe fn metatable_of(table: Address) -> Address {
    word(table + METATABLE)
}

#[inline(always)]
pub unsafe fn array_of(table: Address) -> Address {
    word(table + ARRAY)
}

#[inline(always)]
pub unsafe fn array_size_of(table: Address) -> usize {
    word(table + ARRAY_SIZE)
}

#[inline(always)]
pub unsafe fn nodes_of(table: Address) -> Address {
    word(table + NODES)
}

#[inline(always)]
pub unsafe fn nodes_log_of(table: Address) -> u32 {
    byte(table + NODES_LOG) as u32
}

/// One that no pair was put into has a node as well, which holds nil.
#[inline(always)]
pub unsafe fn node_count_of(table: Address) -> usize {
    1 << nodes_log_of(table)
}

/// Gives a new table, which has as many nodes, the keys of another in the same places. The values are those of the other
/// where `keeps`, else true.
pub unsafe fn take_nodes(table: Address, other: Address, keeps: bool) {
    let from = nodes_of(other);
    let to = nodes_of(table);
    let moved = to.wrapping_sub(from);
    let mut at = 0;
    let end = node_count_of(table) * NODE_BYTES;
    while at < end {
        copy_value(from + at + NODE_KEY, to + at + NODE_KEY);
        let next = word(from + at + NODE_NEXT);
        set_word(to + at + NODE_NEXT, if next == 0 { 0 } else { next.wrapping_add(moved) });
        if keeps || type_in(from + at) == NIL {
            copy_value(from + at, to + at);
        } else {
            set_value(to + at, 1, BOOLEAN);
        }
        at += NODE_BYTES;
    }
    set_word(table + LAST_FREE, word(other + LAST_FREE).wrapping_add(moved));
    // What Lua remembers of metamethods that are not there.
    *((table + FLAGS) as *mut u8) = 0;
}
