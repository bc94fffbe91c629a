//! cjson.decode and cjson.encode of Redis's lua-cjson 2.1.0 in Lua's own memory: what lib/scripting/libraries/cjson.ts calls.
//! A module beside Lua's binary, whose memory and C API it imports. All that it keeps stands in a `State` that JavaScript
//! makes in that memory; it has no static data and no stack there, as that memory is Lua's (tests/scripting/cjsonbinary.ts
//! looks at that). Errors are told by a number, and raised by JavaScript, which also reads and prints the numbers that are
//! seldom met.

#![no_std]
#![no_main]

mod decode;
mod encode;
mod lexer;
mod lua;
mod shapes;
mod state;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
