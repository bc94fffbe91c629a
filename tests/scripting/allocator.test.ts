/** Lua's allocator by itself, and what counts on it: strings that are known by the block they stand in. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { instantiate, type WasmInstance } from '../../lib/scripting/wasm.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { show } from '../contract/harness/seen.ts'
import { engineClient } from '../contract/harness/subjects.ts'

const STATE_BYTES = 72
const MIB = 2 ** 20

interface Block {
  readonly size: number
  readonly fill: number
}

/** An allocator in a memory of its own, and the blocks that it gave. */
function open(maxBytes = 64 * MIB) {
  let bytes!: Uint8Array
  const wasm: WasmInstance = instantiate(maxBytes, () => {
    bytes = new Uint8Array(wasm.memory.buffer)
  })
  bytes = new Uint8Array(wasm.memory.buffer)
  const state = wasm.exports['malloc'](STATE_BYTES)
  bytes.fill(0, state, state + STATE_BYTES)
  const { alloc } = wasm.exports
  const blocks = new Map<number, Block>()
  return {
    blocks,
    get memoryBytes() {
      return bytes.length
    },
    secondWord: (address: number) => new Int32Array(wasm.memory.buffer)[(address >> 2) + 1],
    intact(address: number, length: number, fill: number) {
      return bytes.subarray(address, address + length).every((byte) => byte === fill)
    },
    /** lua_Alloc, with the block's bytes written over. */
    change(address: number, size: number, fill: number): number {
      const old = blocks.get(address)?.size ?? 0
      const moved = alloc(state, address, old, size)
      if (moved === 0 && size !== 0) return 0
      blocks.delete(address)
      if (size !== 0) {
        bytes.fill(fill, moved, moved + size)
        blocks.set(moved, { size, fill })
      }
      return moved
    },
    raw: (address: number, old: number, size: number) => alloc(state, address, old, size),
  }
}

/** A generator that is the same each time: numbers from 0 to below `n`. */
function random(seed: number): (n: number) => number {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor((seed / 2 ** 32) * n)
  }
}

describe('the allocator', () => {
  test('keeps what is in the blocks, whatever is taken, resized and given back beside them', () => {
    const draw = random(7)
    const { change, intact, blocks } = open()
    for (let step = 0; step < 50_000; step++) {
      const addresses = [...blocks.keys()]
      const address = addresses.length > 200 || draw(3) === 0 ? (addresses[draw(addresses.length)] ?? 0) : 0
      const size = draw(4) === 0 && address !== 0 ? 0 : 1 + draw(draw(10) === 0 ? 3000 : 300)
      const before = blocks.get(address)
      const fill = step & 255
      if (before !== undefined && !intact(address, before.size, before.fill)) throw new Error(`step ${step}`)
      change(address, size, fill)
    }
    for (const [address, { size, fill }] of blocks) expect(intact(address, size, fill)).toBe(true)
    const ends = [...blocks].sort(([a], [b]) => a - b).map(([address, { size }]) => [address, address + size])
    for (let i = 1; i < ends.length; i++) expect(ends[i][0]).toBeGreaterThanOrEqual(ends[i - 1][1])
  })

  test('a block that is resized keeps its beginning', () => {
    const { change, raw, intact, blocks } = open()
    for (const from of [1, 16, 17, 255, 256, 257, 4000]) {
      for (const to of [1, 15, 16, 33, 256, 257, 5000]) {
        const address = change(0, from, 0xab)
        const moved = raw(address, from, to)
        expect(intact(moved, Math.min(from, to), 0xab)).toBe(true)
        expect(raw(moved, to, 0)).toBe(0)
        blocks.delete(address)
      }
    }
  })

  test('the second word of a new small block is 0', () => {
    const { change, raw, secondWord } = open()
    for (const size of [16, 24, 100, 256]) {
      const address = change(0, size, 0xff)
      expect(change(address, 0, 0)).toBe(0)
      const again = raw(0, 0, size)
      expect([again, secondWord(again)]).toEqual([address, 0])
    }
  })

  test('what was given back is taken again', () => {
    const space = open()
    const sizes = Array.from({ length: 5000 }, (_, i) => 1 + (i % 256))
    let afterFirst = 0
    for (let round = 0; round < 50; round++) {
      const addresses = sizes.map((size) => space.change(0, size, round))
      for (const address of addresses) space.change(address, 0, 0)
      if (round === 0) afterFirst = space.memoryBytes
    }
    expect(space.memoryBytes).toBe(afterFirst)
  })

  test('where there is no more memory it says so, and a block can still be made smaller', () => {
    const { change, raw, blocks } = open(20 * MIB)
    const large = change(0, 4000, 1)
    while (change(0, 100, 2) !== 0);
    expect(raw(0, 0, 100)).toBe(0)
    expect(raw(large, 4000, 100)).not.toBe(0)
    expect(blocks.size).toBeGreaterThan(10_000)
  })

  test('nothing comes of nothing', () => {
    expect(open().raw(0, 0, 0)).toBe(0)
  })
})

describe('strings of a script', () => {
  let server: Server
  beforeEach(() => {
    server = createServer({})
  })
  afterEach(() => server.close())

  const evaluate = async (body: string, ...args: string[]): Promise<string> =>
    show(await engineClient(server).send(['EVAL', body, '0', ...args]))

  test('that come and go at the same places reach commands as they are', async () => {
    const wrong = await evaluate(`
      local wrong = 0
      for i = 1, 30000 do
        local s = string.rep('x', i % 260) .. i
        if redis.call('ECHO', s) ~= s or redis.call('ECHO', s) ~= s then wrong = wrong + 1 end
        if i % 1000 == 0 then collectgarbage() end
      end
      return wrong`)
    expect(wrong).toBe('0')
  })

  test('that a command has answered reach the next one as they are', async () => {
    const wrong = await evaluate(`
      local wrong = 0
      for i = 1, 30000 do
        local s = redis.call('ECHO', i)
        redis.call('SET', s, s)
        if redis.call('GET', tostring(i)) ~= s or redis.call('STRLEN', s) ~= #s then wrong = wrong + 1 end
        s = nil
        if i % 1000 == 0 then collectgarbage() end
      end
      return wrong`)
    expect(wrong).toBe('0')
  })

  test('that differ from call to call, of all lengths, come in and go out as they are', async () => {
    for (let i = 0; i < 3000; i++) {
      const text = `${'y'.repeat((i * 7) % 300)}${i}`
      expect(await evaluate("return {ARGV[1], redis.call('ECHO', ARGV[1])}", text)).toBe(`["${text}", "${text}"]`)
    }
  })
})
