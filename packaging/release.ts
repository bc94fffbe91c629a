/**
 * `npm run release -- patch|minor|major [--now]`: the next version in package.json, the lock file and lib/base/version.ts, the
 * changelog's heading, one commit and its tag. Without --now it says what it would do, and changes nothing. What is
 * left to do by hand it says at the end: nothing here publishes.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const STEPS = ['major', 'minor', 'patch'] as const
type Step = (typeof STEPS)[number]

const UNRELEASED = '## Unreleased\n'

/** What is the caller's fault: one line, no stack. */
export class ReleaseError extends Error {}

export function nextVersion(version: string, step: Step): string {
  const figures = version.split('.').map(Number)
  const at = STEPS.indexOf(step)
  return figures.map((figure, i) => (i < at ? figure : i === at ? figure + 1 : 0)).join('.')
}

/** The changelog with what is unreleased under a heading of its own, and room for what comes next. @throws ReleaseError */
export function changelogOf(version: string, text: string, date: string): string {
  const start = text.indexOf(UNRELEASED)
  if (start === -1) throw new ReleaseError('CHANGELOG.md has no "## Unreleased".')
  const rest = text.slice(start + UNRELEASED.length)
  const next = rest.search(/^## /m)
  if ((next === -1 ? rest : rest.slice(0, next)).trim() === '') throw new ReleaseError('Nothing is unreleased.')
  return `${text.slice(0, start)}${UNRELEASED}\n## ${version} (${date})\n${rest}`
}

interface Repository {
  readonly folder: string
  readonly step: Step
  /** As in 2026-11-30. */
  readonly date: string
}

/** Returns what is to be written, by path. @throws ReleaseError where the working copy is not as it should be */
export function prepare({ folder, step, date }: Repository): { version: string; files: Map<string, string> } {
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
  const { version: old } = JSON.parse(read('package.json')) as { version: string }
  const version = nextVersion(old, step)
  if (git(folder, 'status', '--porcelain', '--untracked-files=no') !== '')
    throw new ReleaseError('There are changes that are not committed.')
  if (git(folder, 'tag', '--list', `v${version}`) !== '') throw new ReleaseError(`There is a tag v${version} already.`)
  const files = new Map<string, string>()
  for (const [path, times] of [
    ['package.json', 1],
    ['package-lock.json', 2], // of itself, and of the package at ''
  ] as const) {
    files.set(path, replaced(path, read(path), `"version": "${old}"`, `"version": "${version}"`, times))
  }
  const source = 'lib/base/version.ts'
  const line = (figures: string): string => `ZERODIS_VERSION: Bytes = '${figures}'`
  files.set(source, replaced(source, read(source), line(old), line(version), 1))
  files.set('CHANGELOG.md', changelogOf(version, read('CHANGELOG.md'), date))
  return { version, files }
}

/** The first `times` places changed. */
function replaced(path: string, text: string, from: string, to: string, times: number): string {
  for (let i = 0, at = 0; i < times; i++, at += to.length) {
    at = text.indexOf(from, at)
    if (at === -1) throw new ReleaseError(`${path} does not say ${from}.`)
    text = text.slice(0, at) + to + text.slice(at + from.length)
  }
  return text
}

/** Writes, commits and tags. */
export function release(repository: Repository): string {
  const { version, files } = prepare(repository)
  for (const [path, text] of files) writeFileSync(join(repository.folder, path), text)
  git(repository.folder, 'commit', '--quiet', '--message', `release: ${version}`, '--', ...files.keys())
  git(repository.folder, 'tag', '--annotate', '--message', `zerodis ${version}`, `v${version}`)
  return version
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}

function main(): void {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { now: { type: 'boolean' } } })
  const step = STEPS.find((name) => name === positionals[0])
  if (step === undefined || positionals.length > 1)
    throw new ReleaseError('Usage: npm run release -- patch|minor|major [--now]')
  const repository = { folder: join(import.meta.dirname, '..'), step, date: new Date().toISOString().slice(0, 10) }
  if (values.now) {
    const version = release(repository)
    console.log(`Committed and tagged v${version}. What is left: git push --follow-tags,`)
    console.log('npm run build:package && npm publish ./dist')
    return
  }
  const { version, files } = prepare(repository)
  console.log(
    `Would release ${version}: change ${[...files.keys()].join(', ')}; commit; tag v${version}. --now does it.`,
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main()
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
