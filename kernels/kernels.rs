//! Loops over many bytes or numbers, for WebAssembly. JavaScript puts what they work on into this module's memory, from
//! `__heap_base` on, and reads the results there (lib/memory/). Nothing here allocates or keeps an address from call to
//! call; tables stand in static memory and are made by the first call that needs them.
//!
//! Each function has a twin in TypeScript (lib/memory/twin/), which does the same with the same operations on doubles.

#![no_std]
#![no_main]

mod bits;
mod crc64;
mod geo;
mod hyperloglog;
mod lzf;
mod records;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
