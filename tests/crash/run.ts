/**
 * `npm run crash`: a store is killed at many random moments, under each policy of `appendfsync`, and must have all that it
 * acknowledged.
 *
 *   npm run crash -- [--moments 500] [--seed N]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Random, seedOfRun } from '../differential/random.ts'
import { momentsOf, type Policy } from './moments.ts'

const { values: options } = parseArgs({
  options: { moments: { type: 'string', default: '500' }, seed: { type: 'string' } },
})
const seed = options.seed === undefined ? seedOfRun() : Number(options.seed)
const root = join(import.meta.dirname, '../..')
const work = mkdtempSync(join(tmpdir(), 'zerodis-crash-'))
process.once('exit', () => rmSync(work, { recursive: true, force: true }))
console.log(`seed ${seed}`)
const flags = ['lib/cli.ts', '--config', 'false', '--format', 'esm', '--target', 'node20', '--out-dir', work]
execFileSync(join(root, 'node_modules/.bin/tsup'), [...flags, '--external', '@next/env'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
})
writeFileSync(join(work, 'package.json'), '{"type":"module"}')
const random = new Random(seed)
const policies: readonly Policy[] = ['always', 'everysec', 'no']
const subjects = policies.map((policy) => ({
  policy,
  moments: momentsOf([join(work, 'cli.js')], mkdtempSync(join(work, `${policy}-`)), policy, random),
}))
for (let i = 0; i < Number(options.moments); i++) {
  await subjects[i % subjects.length].moments.next()
  if (i % 50 === 49) console.log(`${i + 1} moments`)
}
for (const { policy, moments } of subjects) {
  console.log(`${policy}: ${moments.acknowledged} answers checked, ${moments.rewrites} rewrites asked for`)
}
