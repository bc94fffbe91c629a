/**
 * The types: what tsc declares of the files that an entry leads to, with imports that every TypeScript since 4.7 follows. As
 * CommonJS they are the same texts; the folder that they stand in says how they are meant.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { COMMONJS, COMMONJS_ENTRIES, dist, ENTRIES, root } from './entries.ts'

const RELATIVE = /((?:from|import) ?\(?['"])(\.[^'"]*?)\.ts(['"])/g

export function buildTypes(): void {
  const all = join(dist, 'all-types')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.package.json', '--outDir', all], { cwd: root, stdio: 'inherit' })
  const found = reach(all, ENTRIES)
  for (const [path, text] of found) write(join(dist, 'types', path), text)
  for (const path of reach(all, COMMONJS_ENTRIES).keys()) {
    const to = join(dist, COMMONJS, 'types', path)
    mkdirSync(dirname(to), { recursive: true })
    copyFileSync(join(dist, 'types', path), to)
  }
  rmSync(all, { recursive: true })
}

/** The declarations that are imported from the entries on, by their paths. */
function reach(folder: string, entries: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  const waiting = entries.map((name) => `${name}.d.ts`)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    const text = readFileSync(join(folder, path), 'utf8')
    for (const [, , imported] of text.matchAll(RELATIVE))
      waiting.push(normalize(join(dirname(path), `${imported}.d.ts`)))
    found.set(path, text.replace(RELATIVE, '$1$2.js$3'))
  }
  return found
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
