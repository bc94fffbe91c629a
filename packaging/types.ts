/**
 * The types: what tsc declares of the files that an entry leads to, with imports that every TypeScript since 4.7 follows. They
 * are those of CommonJS, as the code is; of the entries alone there is a second text, for whoever imports them. Comments
 * stay where an editor shows them to users: in the entries and in what these import. Further in they are half
 * of the weight. Directives, which are options of createServer and its kin, are described by the table's own words.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { directive, directiveName } from '../lib/config/config.ts'
import { COMMONJS_ENTRIES, dist, ENTRIES, root } from './entries.ts'

const RELATIVE = /((?:from|import) ?\(?['"])(\.[^'"]*?)\.ts(['"])/g
const COMMENT = /\/\*\*[\s\S]*?\*\/\s*/g

const COMMENTED_DISTANCE = 1

const DIRECTIVES = join('config', 'directives.d.ts')
const MEMBER = /^ {4}'?([a-z][a-z0-9-]*)'?: Directive</gm

export function buildTypes(): void {
  const all = join(dist, 'all-types')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.package.json', '--outDir', all], { cwd: root, stdio: 'inherit' })
  const declarations = reach(all, ENTRIES)
  for (const [path, text] of declarations) {
    const entry = ENTRIES.find((name) => path === `${name}.d.ts`)
    if (entry !== undefined) write(join(dist, 'types', `${entry}.d.mts`), text)
    if (entry === undefined || COMMONJS_ENTRIES.includes(entry)) write(join(dist, 'types', path), text)
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
      const described =
        path === DIRECTIVES ? shown.replace(MEMBER, (line, name) => `    ${commentOf(name)}\n${line}`) : shown
      found.set(path, described.replace(RELATIVE, '$1$2.js$3'))
    }
    round = [...next].filter((path) => !found.has(path))
  }
  return found
}

/** What an editor shows of a directive. */
function commentOf(name: string): string {
  const { summary, initial, format, inert } = directive(directiveName(name)!)
  if (inert) return '/** Without effect here. */'
  const initially = format(initial)
  return `/** ${summary}${initially === '' ? '' : ` Default ${initially}.`} */`
}

/** Indented by one space a level, which the package has fewer bytes by. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(
    path,
    text.replace(/^(?: {4})+/gm, (indent) => ' '.repeat(indent.length / 4)),
  )
}
