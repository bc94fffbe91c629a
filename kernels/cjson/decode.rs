//! cjson.decode: error texts and the order in which tables are filled (and so the order of their pairs) included. The
//! containers that are open are kept in a list of our own: a script may set the greatest depth as high as Lua's stack allows.

use crate::lexer::*;
use crate::lua::*;
use crate::shapes::*;
use crate::state::*;

#[link(wasm_import_module = "host")]
extern "C" {
    /// Gives the table on top of the stack the metatable of arrays.
    fn mark(l: Address);
}

/// Slots that Lua gives every C function beyond its arguments (LUA_MINSTACK).
const FREE_SLOTS: i32 = 20;
/// What is expected, as lib/scripting/libraries/cjson.ts names it.
const VALUE: i32 = 0;
const THE_END: i32 = 1;
const COMMA_OR_OBJECT_END: i32 = 2;
const COMMA_OR_ARRAY_END: i32 = 3;
const OBJECT_KEY: i32 = 4;
const KEY_COLON: i32 = 5;
/// Not an end: the value at hand is open, and goes on.
const OPENED: Outcome = -1;
/// An array is given room for so many elements at most before it has them. Log of 2.
const ROOM_MAX: u8 = 3;

/// Pushes what the text that is on top of the stack says.
#[no_mangle]
unsafe extern "C" fn decode(l: Address, state: *mut State) -> Outcome {
    let s = &mut *state;
    let text = text_of(word(top(l) - VALUE_BYTES));
    s.start = text;
    s.at = text;
    s.depth = 0;
    s.slots = 1;
    s.begin_shapes();
    let first = s.next(l);
    let outcome = s.document(l, first);
    s.release();
    if outcome != DONE {
        return outcome;
    }
    match s.next(l) {
        END => DONE,
        token => s.unexpected(THE_END, token),
    }
}

impl State {
    unsafe fn document(&mut self, l: Address, mut token: Token) -> Outcome {
        loop {
            let mut outcome = self.value(l, token);
            while outcome == DONE {
                if self.depth == 0 {
                    return DONE;
                }
                outcome = self.store(l);
            }
            if outcome != OPENED {
                return outcome;
            }
            token = self.found;
        }
    }

    #[cold]
    unsafe fn unexpected(&mut self, expected: i32, found: Token) -> Outcome {
        if found == BUFFER_FULL {
            return NO_MEMORY;
        }
        self.expected = expected;
        self.found = found;
        UNEXPECTED
    }

    /// Pushes the value that a token begins. OPENED if it has elements: then the first of them begins with `found`.
    #[inline(always)]
    unsafe fn value(&mut self, l: Address, token: Token) -> Outcome {
        if token == TEXT {
            self.push_string(l);
        } else if token == NUMBER_TOKEN {
            if !self.is_pushed {
                push_number(l, self.number);
            }
        } else if token == OBJECT_BEGIN {
            return self.object(l);
        } else if token == ARRAY_BEGIN {
            return self.array(l);
        } else if token == BOOLEAN_TOKEN {
            push(l, self.number as usize, BOOLEAN);
        } else if token == NULL {
            push(l, 0, LIGHT_USERDATA);
        } else {
            return self.unexpected(VALUE, token);
        }
        DONE
    }

    #[inline(always)]
    unsafe fn descend(&mut self, l: Address, slots: i32) -> Outcome {
        let depth = self.depth as i32 + 1;
        if depth <= self.setting(DECODE_MAX_DEPTH)
            && (self.slots + slots <= FREE_SLOTS || lua_checkstack(l, slots) != 0)
        {
            return DONE;
        }
        self.index = depth;
        TOO_DEEP
    }

    unsafe fn array(&mut self, l: Address) -> Outcome {
        if self.descend(l, 2) != DONE {
            return TOO_DEEP;
        }
        let room = self.room[self.depth & 7];
        self.push_array(l, if room == 0 { 0 } else { 1 << (room - 1) });
        let token = self.next(l);
        if token == ARRAY_END {
            if room != 0 {
                pop(l, 1);
                self.push_array(l, 0);
            }
            return DONE;
        }
        if !self.open(Frame { count: 0, keys: 0, shape: 0, next: 0, class: 0 }) {
            return NO_MEMORY;
        }
        self.slots += 1;
        self.found = token;
        OPENED
    }

    #[inline(always)]
    unsafe fn push_array(&mut self, l: Address, room: i32) {
        lua_createtable(l, room, 0);
        if self.setting(MARK_ARRAYS) != 0 {
            mark(l);
        }
    }

    unsafe fn object(&mut self, l: Address) -> Outcome {
        if self.descend(l, 3) != DONE {
            return TOO_DEEP;
        }
        let token = self.next(l);
        if token != TEXT {
            lua_createtable(l, 0, 0);
            return if token == OBJECT_END { DONE } else { self.unexpected(OBJECT_KEY, token) };
        }
        let (class, shape) = self.guess();
        if !self.open(Frame {
            count: OBJECT,
            keys: if class == CLASSES { UNTRACKED } else { self.keys_length },
            shape,
            next: 0,
            class,
        }) {
            return NO_MEMORY;
        }
        self.slots += 2;
        if shape == 0 {
            lua_createtable(l, 0, 0);
            self.push_string(l);
            self.remember(self.frame(), word(top(l) - VALUE_BYTES));
        } else {
            let like = table_of(shape);
            lua_createtable(l, 0, node_count_of(like) as i32);
            take_nodes(word(top(l) - VALUE_BYTES), like, true);
            self.push_key(l, self.frame());
        }
        self.colon(l)
    }

    /// Pushes the key of a shape that was met.
    #[inline(always)]
    unsafe fn push_key(&mut self, l: Address, frame: *mut Frame) {
        push(l, key_of((*frame).shape, (*frame).next), STRING);
        (*frame).next += 1;
    }

    /// Goes over the colon behind a key.
    #[inline(always)]
    unsafe fn colon(&mut self, l: Address) -> Outcome {
        if byte(self.at) == b':' {
            self.at += 1;
        } else {
            let token = self.next(l);
            if token != COLON {
                return self.unexpected(KEY_COLON, token);
            }
        }
        self.found = self.next(l);
        OPENED
    }

    /// Pushes the next key of the innermost object and goes over the colon.
    #[inline(always)]
    unsafe fn key(&mut self, l: Address, frame: *mut Frame) -> Outcome {
        if (*frame).shape != 0 {
            if (*frame).next < key_count_of((*frame).shape) {
                self.skip_blanks();
                if self.take_key((*frame).shape, (*frame).next) {
                    self.push_key(l, frame);
                    return self.colon(l);
                }
                self.undo(l, frame);
            } else {
                self.leave(frame);
            }
        }
        let token = self.next(l);
        if token != TEXT {
            return self.unexpected(OBJECT_KEY, token);
        }
        self.push_string(l);
        self.remember(frame, word(top(l) - VALUE_BYTES));
        self.colon(l)
    }

    /// Puts the value on top into the innermost container. DONE if that ends there, and so is a whole value itself.
    #[inline(always)]
    unsafe fn store(&mut self, l: Address) -> Outcome {
        let frame = self.frame();
        if (*frame).count == OBJECT {
            self.store_pair(l, frame)
        } else {
            self.store_element(l, frame)
        }
    }

    #[inline(always)]
    unsafe fn store_pair(&mut self, l: Address, frame: *mut Frame) -> Outcome {
        let value = top(l) - VALUE_BYTES;
        let table = word(value - 2 * VALUE_BYTES);
        if (*frame).shape != 0 && !is_black(table) {
            copy_value(value, nodes_of(table) + node_of((*frame).shape, (*frame).next - 1));
            pop(l, 2);
        } else {
            lua_rawset(l, -3);
        }
        let token = self.next(l);
        if token == COMMA {
            return self.key(l, frame);
        }
        if token != OBJECT_END {
            return self.unexpected(COMMA_OR_OBJECT_END, token);
        }
        if (*frame).shape == 0 {
            self.learn(l, frame);
        } else if (*frame).next == key_count_of((*frame).shape) {
            self.confirm(frame);
        } else {
            self.undo(l, frame);
            self.learn(l, frame);
        }
        self.depth -= 1;
        self.slots -= 2;
        DONE
    }

    #[inline(always)]
    unsafe fn store_element(&mut self, l: Address, frame: *mut Frame) -> Outcome {
        let value = top(l) - VALUE_BYTES;
        let table = word(value - VALUE_BYTES);
        (*frame).count += 1;
        let index = (*frame).count as usize;
        if index <= array_size_of(table) && !is_black(table) {
            copy_value(value, array_of(table) + (index - 1) * VALUE_BYTES);
            pop(l, 1);
        } else {
            lua_rawseti(l, -2, index as i32);
        }
        let token = self.next(l);
        if token == COMMA {
            self.found = self.next(l);
            return OPENED;
        }
        if token != ARRAY_END {
            return self.unexpected(COMMA_OR_ARRAY_END, token);
        }
        self.depth -= 1;
        self.slots -= 1;
        self.fit(l, index);
        DONE
    }

    /// Gives an array that is whole, on top of the stack, the room that Lua gives to one that grew: the next power of 2.
    #[inline(always)]
    unsafe fn fit(&mut self, l: Address, count: usize) {
        let log = (usize::BITS - (count - 1).leading_zeros()) as u8;
        self.room[self.depth & 7] = 1 + if log > ROOM_MAX { ROOM_MAX } else { log };
        let table = word(top(l) - VALUE_BYTES);
        if array_size_of(table) == 1 << log {
            return;
        }
        self.push_array(l, 1 << log);
        let made = top(l) - VALUE_BYTES;
        let mut i = 0;
        while i < count {
            copy_value(array_of(table) + i * VALUE_BYTES, array_of(word(made)) + i * VALUE_BYTES);
            i += 1;
        }
        copy_value(made, made - VALUE_BYTES);
        pop(l, 1);
    }
}
