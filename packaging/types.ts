/**
 * The types: what tsc declares of the files that an entry leads to, with imports that every TypeScript since 4.7 follows. As
 * CommonJS they are the same texts; the folder that they stand in says how they are meant. Comments stay where an editor
 * shows them to users: in what the entries import, and in what that imports. Further in they are half of the weight.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { COMMONJS, COMMONJS_ENTRIES, dist, ENTRIES, root } from './entries.ts'

const RELATIVE = /((?:from|import) ?\(?['"])(\.[^'"]*?)\.ts(['"])/g
const COMMENT = /\/\*\*[\s\S]*?\*\/\s*/g

const COMMENTED_DISTANCE = 2

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
  let round = entries.map((name) => `${name}.d.ts`)
  for (let distance = 0; round.length > 0; distance++) {
    const next = new Set<string>()
    for (const path of round) {
      const text = readFileSync(join(folder, path), 'utf8')
      for (const [, , imported] of text.matchAll(RELATIVE)) next.add(normalize(join(dirname(path), `${imported}.d.ts`)))
      const shown = distance <= COMMENTED_DISTANCE ? text : text.replace(COMMENT, '')
      found.set(path, shown.replace(RELATIVE, '$1$2.js$3'))
    }
    round = [...next].filter((path) => !found.has(path))
  }
  return found
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
