/**
 * V8's flags belong to whoever owns the process. `cachedDataVersionTag` is a hash of them; in a process of its own, as other
 * tests of this one set flags.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { programOfText } from '../clients/program.ts'

const root = join(import.meta.dirname, '..', '..')

function run(name: string, code: string, ...flags: string[]): unknown {
  const args = [...flags, programOfText(`heap-${name}`, code)]
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }))
}

/** The entries that are imported; what is run is no library. For some there is neither a runner of tests here nor Cloudflare's runtime. */
const ENTRIES = readdirSync(join(root, 'lib')).filter((name) => name.endsWith('.ts') && name !== 'cli.ts')
const NEED_A_HOST = ['cloudflare.ts', 'vitest.ts', 'jest.ts', 'global-setup.ts']

describe("V8's flags", () => {
  test('are left alone by every import', () => {
    const imports = ENTRIES.filter((name) => !NEED_A_HOST.includes(name)).map((name) => `await import('./lib/${name}')`)
    expect(imports.length).toBeGreaterThan(4)
    const [before, after] = run(
      'imports',
      `
      import { cachedDataVersionTag } from 'node:v8'
      const before = cachedDataVersionTag()
      ${imports.join('\n')}
      const { createServer } = await import('./lib/server.ts')
      await createServer({ port: 0 }).close()
      console.log(JSON.stringify([before, cachedDataVersionTag()]))
      process.exit()`,
    ) as number[]
    expect(after).toBe(before)
  })

  test('are set by a host, and only when the code that a start needs was kept', () => {
    const [before, imported, made, settled] = run(
      'host',
      `
      import { cachedDataVersionTag } from 'node:v8'
      const before = cachedDataVersionTag()
      const { Host } = await import('./lib/host/host.ts')
      const imported = cachedDataVersionTag()
      const { Config } = await import('./lib/config/config.ts')
      new Host(new Config({}), false)
      const made = cachedDataVersionTag()
      for (let i = 0; i < 1000 && cachedDataVersionTag() === before; i++) await new Promise((later) => setTimeout(later, 10))
      console.log(JSON.stringify([before, imported, made, cachedDataVersionTag()]))`,
    ) as number[]
    expect(imported).toBe(before)
    expect(made).toBe(before)
    expect(settled).not.toBe(before)
  })

  test("stay as node's command line says", () => {
    const [before, limited] = run(
      'line',
      `
      import { cachedDataVersionTag } from 'node:v8'
      import { limitGrowth } from './lib/host/heap.ts'
      const before = cachedDataVersionTag()
      limitGrowth()
      console.log(JSON.stringify([before, cachedDataVersionTag()]))`,
      '--heap_growing_percent=90',
    ) as number[]
    expect(limited).toBe(before)
  })

  test('are after a collection as they were, and the collection gives memory back', () => {
    const figures = run(
      'collection',
      `
      import { cachedDataVersionTag } from 'node:v8'
      import { PerformanceObserver } from 'node:perf_hooks'
      const { ProcessHeap } = await import('./lib/host/heap.ts')
      const heap = new ProcessHeap()
      const before = cachedDataVersionTag()
      let garbage = Array.from({ length: 1e6 }, (_, i) => ({ i }))
      garbage = undefined
      const { used } = heap.figures()
      heap.collect(() => {})
      const meanwhile = cachedDataVersionTag()
      const until = Date.now() + 10_000
      while (heap.isCollecting && Date.now() < until) await new Promise((resolve) => setImmediate(resolve))
      const left = heap.figures().used
      console.log(JSON.stringify({ before, meanwhile, after: cachedDataVersionTag(), used, left }))`,
    ) as Record<string, number>
    expect(figures.meanwhile).not.toBe(figures.before)
    expect(figures.after).toBe(figures.before)
    expect(figures.left).toBeLessThan(figures.used - 20e6)
  })
})
