/**
 * `npm run bench [-- section …] [--rounds n] [--json file]`: every benchmark beside its reference, in one run. Prints tables
 * of ratios; with `--json` also writes the figures to a file.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { appendingSection } from './appending.ts'
import { attackSection } from './attack.ts'
import { growthSection } from './growth.ts'
import { heavySection } from './heavy.ts'
import { nextSection, restSection } from './http.ts'
import { inProcessSection } from './inprocess.ts'
import { jobsSection } from './jobs.ts'
import { jsonSection } from './json.ts'
import { loadingSection } from './loading.ts'
import { maxmemorySection } from './maxmemory.ts'
import { memorySection } from './memory.ts'
import { metricsSection } from './metrics.ts'
import { buildPackage, redisVersion } from './process.ts'
import { pubsubSection } from './pubsub.ts'
import { replicationSection } from './replication.ts'
import { printSection, ratioOf, reached, type Section } from './report.ts'
import { arraysSection, commandsSection, respSection } from './resp.ts'
import { savingSection } from './saving.ts'
import { scriptsSection } from './scripts.ts'
import { postgresSection, sharedSection } from './shared.ts'
import { startupSection } from './startup.ts'
import { tailsSection } from './tails.ts'
import { testingSection } from './testing.ts'
import { upstreamSection } from './upstream.ts'

const SECTIONS: Readonly<Record<string, (rounds: number) => Promise<Section>>> = {
  resp: respSection,
  commands: commandsSection,
  arrays: arraysSection,
  json: jsonSection,
  pubsub: pubsubSection,
  rest: restSection,
  next: nextSection,
  inprocess: inProcessSection,
  scripts: scriptsSection,
  jobs: jobsSection,
  memory: memorySection,
  maxmemory: maxmemorySection,
  appending: appendingSection,
  replication: replicationSection,
  saving: savingSection,
  shared: sharedSection,
  postgres: postgresSection,
  loading: loadingSection,
  startup: startupSection,
  growth: growthSection,
  heavy: heavySection,
  attack: attackSection,
  tails: tailsSection,
  testing: testingSection,
  upstream: upstreamSection,
  metrics: metricsSection,
}

const NEED_REDIS = [
  'resp',
  'commands',
  'arrays',
  'pubsub',
  'scripts',
  'jobs',
  'growth',
  'heavy',
  'maxmemory',
  'appending',
  'replication',
  'saving',
  'shared',
  'postgres',
  'loading',
  'tails',
  'upstream',
  'metrics',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
})
const unknown = positionals.find((name) => !(name in SECTIONS))
if (unknown !== undefined) {
  console.error(`no section '${unknown}'; there are: ${Object.keys(SECTIONS).join(', ')}`)
  process.exit(1)
}
buildPackage()
const results: Section[] = []
for (const name of positionals.length > 0 ? positionals : Object.keys(SECTIONS)) {
  if (redisVersion === undefined && NEED_REDIS.includes(name)) {
    console.log(`\n${name}: left out, as no redis-server is installed to compare with`)
    continue
  }
  const section = await SECTIONS[name](Number(values.rounds))
  printSection(section)
  results.push(section)
}
if (values.json !== undefined) {
  const sections = results.map((section) => ({
    ...section,
    rows: section.rows.map((row) => ({ ...row, ratio: ratioOf(row), reached: reached(row) })),
  }))
  const about = { node: process.version, redis: redisVersion, at: new Date().toISOString() }
  writeFileSync(values.json, `${JSON.stringify({ about, sections }, null, 2)}\n`)
}
