/** What is kept of compiled code is taken only where it is whole, of this very source, and nobody else's. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CodeCache, privateFolder } from '../../lib/host/codecache.ts'

const user = process.geteuid!()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codecache-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('compiled code', () => {
  const SOURCE = 'exports.twice = (n) => 2 * n\nexports.at = __filename\n'

  function use(cache: CodeCache, source = SOURCE): Record<string, unknown> {
    const path = join(folder, 'code.js')
    writeFileSync(path, source)
    const module = new nodeModule(path)
    cache.load(module, path)
    return module.exports
  }

  /** Whether all that was used had been kept: then there is nothing to write. */
  async function wasKept(cache: CodeCache): Promise<boolean> {
    rmSync(join(folder, 'kept'), { force: true })
    await cache.write()
    return !existsSync(join(folder, 'kept'))
  }

  async function keep(): Promise<void> {
    const cache = new CodeCache(join(folder, 'kept'), user)
    use(cache)
    await cache.write()
  }

  test('is taken by the next process, and does the same', async () => {
    const first = new CodeCache(join(folder, 'kept'), user)
    expect(use(first)).toEqual({ twice: expect.any(Function), at: join(folder, 'code.js') })
    expect(await wasKept(first)).toBe(false)
    expect(statSync(join(folder, 'kept')).mode & 0o777).toBe(0o600)
    const second = new CodeCache(join(folder, 'kept'), user)
    const { twice } = use(second) as { twice: (n: number) => number }
    expect(twice(21)).toBe(42)
    expect(await wasKept(second)).toBe(true)
  })

  test('is not taken for another source of the same length', async () => {
    await keep()
    const cache = new CodeCache(join(folder, 'kept'), user)
    const { twice } = use(cache, SOURCE.replace('2 *', '3 *')) as { twice: (n: number) => number }
    expect(twice(2)).toBe(6)
    expect(await wasKept(cache)).toBe(false)
  })

  test('is not taken where a byte of it was changed, or its end is missing', async () => {
    await keep()
    const whole = readFileSync(join(folder, 'kept'))
    const start = whole.indexOf('\n') + 1 + SOURCE.length
    for (let at = start; at < whole.length; at += 101) {
      const damaged = Buffer.from(whole)
      damaged[at] ^= 0x55
      writeFileSync(join(folder, 'kept'), damaged)
      const cache = new CodeCache(join(folder, 'kept'), user)
      expect(use(cache)).toHaveProperty('twice')
      expect(await wasKept(cache)).toBe(false)
    }
    for (const bytes of [whole.subarray(0, -1), whole.subarray(0, start), Buffer.from('[]'), Buffer.from('nonsense')]) {
      writeFileSync(join(folder, 'kept'), bytes)
      const cache = new CodeCache(join(folder, 'kept'), user)
      expect(use(cache)).toHaveProperty('twice')
      expect(await wasKept(cache)).toBe(false)
    }
  })

  test("is not taken from a file that others may write, that is another's, or elsewhere", async () => {
    const refused = async (owner = user): Promise<void> => {
      const cache = new CodeCache(join(folder, 'kept'), owner)
      use(cache)
      expect(await wasKept(cache)).toBe(false)
    }
    await keep()
    chmodSync(join(folder, 'kept'), 0o620)
    await refused()
    await keep()
    await refused(user + 1)
    const elsewhere = join(folder, 'elsewhere')
    writeFileSync(elsewhere, readFileSync(join(folder, 'kept')), { mode: 0o600 })
    rmSync(join(folder, 'kept'))
    symlinkSync(elsewhere, join(folder, 'kept'))
    await refused()
  })
})

test('what stands beside a file is required as by Node: once, in a circle, from the cache of modules, and anew where it has failed', () => {
  const files = {
    'one.js':
      "exports.begun = true\nexports.two = require('./two.js')\nexports.same = require('./two.js') === exports.two",
    'two.js':
      "exports.begun = require('./one.js').begun\nexports.sep = require('node:path').sep\nexports.id = module.filename",
    'fails.js':
      'globalThis.failures = (globalThis.failures ?? 0) + 1\nthrow new Error("failed " + globalThis.failures)',
    'needs.js': "require('./fails.js')",
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const require = nodeModule.createRequire(join(folder, 'main.js'))
  new CodeCache(join(folder, 'kept'), user).attach(folder)
  const one = require('./one.js')
  expect(one).toEqual({ begun: true, two: { begun: true, sep: '/', id: join(folder, 'two.js') }, same: true })
  expect(require('./two.js')).toBe(one.two)
  expect(require.cache[join(folder, 'two.js')]).toMatchObject({ loaded: true })
  expect(() => require('./needs.js')).toThrow('failed 1')
  expect(() => require('./needs.js')).toThrow('failed 2')
})

test('what was left by a killed process, and what is a month old, goes with the next write', async () => {
  const old = Date.now() / 1000 - 32 * 24 * 3600
  const names = ['v20.1.0-x64-abc.77', 'v20.1.0-x64-abc', 'v20.1.0-x64-new', 'other']
  for (const name of names) writeFileSync(join(folder, name), '')
  for (const name of names) if (!name.endsWith('new')) utimesSync(join(folder, name), old, old)
  const code = join(folder, 'code.js')
  writeFileSync(code, 'exports.a = 1')
  const cache = new CodeCache(join(folder, 'v20.2.0-x64-abc'), user)
  cache.load(new nodeModule(code), code)
  await cache.write()
  expect(readdirSync(folder).sort()).toEqual(['code.js', 'other', 'v20.1.0-x64-new', 'v20.2.0-x64-abc'])
})

describe('the folder of a user', () => {
  test('is made for him alone, below XDG_CACHE_HOME or his home', () => {
    expect(privateFolder({ HOME: folder }, user)).toBe(join(folder, '.cache/zerodis'))
    expect(statSync(join(folder, '.cache/zerodis')).mode & 0o777).toBe(0o700)
    const cache = join(folder, 'cache')
    mkdirSync(cache)
    expect(privateFolder({ HOME: folder, XDG_CACHE_HOME: cache }, user)).toBe(join(cache, 'zerodis'))
  })

  test('is none where others may write, where it is no folder, or where nothing says who he is', () => {
    mkdirSync(join(folder, '.cache/zerodis'), { recursive: true })
    for (const path of ['.cache/zerodis', '.cache', '.']) {
      chmodSync(join(folder, path), 0o770)
      expect(privateFolder({ HOME: folder }, user)).toBeUndefined()
      chmodSync(join(folder, path), 0o700)
      expect(privateFolder({ HOME: folder }, user)).toBe(join(folder, '.cache/zerodis'))
      chmodSync(join(folder, path), 0o1777)
      expect(privateFolder({ HOME: folder }, user)).toBeUndefined()
      chmodSync(join(folder, path), 0o755)
    }
    rmSync(join(folder, '.cache/zerodis'), { recursive: true })
    mkdirSync(join(folder, 'other'))
    symlinkSync(join(folder, 'other'), join(folder, '.cache/zerodis'))
    expect(privateFolder({ HOME: folder }, user)).toBeUndefined()
    expect(privateFolder({}, user)).toBeUndefined()
    expect(privateFolder({ HOME: 'home', XDG_CACHE_HOME: 'cache' }, user)).toBeUndefined()
    expect(privateFolder({ HOME: join(folder, 'nowhere') }, user)).toBeUndefined()
  })

  test("is none in another's home, and nothing is left there", () => {
    expect(privateFolder({ HOME: folder }, user + 1)).toBeUndefined()
    expect(existsSync(join(folder, '.cache'))).toBe(false)
  })
})
