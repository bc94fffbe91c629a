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

  const OF_A_HOST = `
    import { cachedDataVersionTag } from 'node:v8'
    const before = cachedDataVersionTag()
    const { Host } = await import('./lib/host/host.ts')
    const imported = cachedDataVersionTag()
    const { Config } = await import('./lib/config/config.ts')
    new Host(new Config({}), false)
    console.log(JSON.stringify([before, imported, cachedDataVersionTag()]))`

  test('are set by a host, and only when it is made', () => {
    const [before, imported, hosted] = run('host', OF_A_HOST) as number[]
    expect(imported).toBe(before)
    expect(hosted).not.toBe(before)
  })

  test("stay as node's command line says", () => {
    const [before, , hosted] = run('host', OF_A_HOST, '--heap_growing_percent=90') as number[]
    expect(hosted).toBe(before)
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
