/** Packages that may be missing. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { loadPeer } from '../../lib/peers/peer.ts'

const folder = mkdtempSync(join(tmpdir(), 'peer-'))

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function install(name: string, text: string): void {
  const at = join(folder, 'node_modules', name)
  mkdirSync(at, { recursive: true })
  writeFileSync(join(at, 'index.js'), text)
}

test('is found beside the program, and then beside this package', () => {
  install('a-driver', 'exports.answer = 42')
  expect(loadPeer('a-driver')).toBe(undefined)
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  expect(loadPeer('a-driver')).toEqual({ answer: 42 })
  expect(loadPeer('prom-client')).toHaveProperty('Registry')
})

test('that fails to load is no missing one', () => {
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  install('a-broken-driver', 'throw new Error("needs a newer kernel")')
  expect(() => loadPeer('a-broken-driver')).toThrow('needs a newer kernel')
  install('a-driver-in-need', 'require("something-else")')
  expect(() => loadPeer('a-driver-in-need')).toThrow("Cannot find module 'something-else'")
})

test('may be of any later version: npm installs nothing beside a version that a range refuses', () => {
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  // Bottleneck's last version is the one that we know inside out.
  for (const [name, range] of Object.entries(peerDependencies))
    if (name !== 'bottleneck') expect(range).toMatch(/^>=\d/)
})
