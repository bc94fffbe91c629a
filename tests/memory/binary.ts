/**
 * lib/memory/binary.ts is written by this: kernels/ as Debian 12's Rust compiles it to WebAssembly, as text; and what is
 * compiled in the same way. `npx tsx tests/memory/binary.ts` writes it anew; binary.test.ts compares. It needs
 * `apt-get install rustc libstd-rust-dev-wasm32 lld`; no crates, no cargo.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Another version makes other bytes of the same source. */
const VERSION = 'rustc 1.63.0'
const COMPILER = '/usr/bin/rustc'
const LIBRARY = '/usr/lib/rustlib/wasm32-unknown-unknown'

/** Whether the compiler is here that makes the same bytes. */
export function canCompile(): boolean {
  const version = spawnSync(COMPILER, ['--version'], { encoding: 'utf8' }).stdout
  return typeof version === 'string' && version.startsWith(VERSION) && existsSync(LIBRARY)
}

/** What a file of `kernels/`, and those that it names, compile to, with a stack of so many bytes in its memory. */
export function compiled(source = 'kernels', stackBytes = 16384): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'))
  try {
    const output = join(folder, 'kernels.wasm')
    const flags = [
      ...['--edition', '2021', '--crate-name', 'kernels', '--crate-type', 'cdylib'],
      ...['--target', 'wasm32-unknown-unknown', '-C', 'target-feature=+simd128,+bulk-memory'],
      ...['-C', 'opt-level=3', '-C', 'lto', '-C', 'codegen-units=1', '-C', 'panic=abort', '-C', 'strip=symbols'],
      // The memory is JavaScript's; what the kernels work on begins where their tables and stack end.
      ...['-C', 'link-arg=--import-memory', '-C', `link-arg=-zstack-size=${stackBytes}`],
      ...['-C', 'link-arg=--export=__heap_base'],
    ]
    const cwd = join(import.meta.dirname, '../../kernels')
    execFileSync(COMPILER, [...flags, `${source}.rs`, '-o', output], { cwd, stdio: 'inherit' })
    return readFileSync(output)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function render(): string {
  return `/**
 * The folder kernels/ as WebAssembly, in base64. It stands in the source because a file beside it would have to be found by
 * Node, by bundlers and by hosts that trace files, each in its own way. Written by tests/memory/binary.ts.
 */
export const KERNELS_BINARY =
  '${compiled().toString('base64')}'
`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('lib/memory/binary.ts', render())
}
