/**
 * `npm run fuzz -- --minutes 60 [--seed 1] [--doors resp,rest] [--attackers 2]`: attacks all doors for so long, with new seeds
 * and a new server each minute, and prints the seed of each round, so that one that fails can be repeated.
 */
import { parseArgs } from 'node:util'
import { ALL_DOORS, fuzz } from './fuzz.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    round: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    doors: { type: 'string', default: ALL_DOORS.join(',') },
    attackers: { type: 'string', default: '2' },
    'stop-ms': { type: 'string', default: '1000' },
    'rss-mb': { type: 'string', default: '1200' },
    'served-ms': { type: 'string', default: '10000' },
  },
})
const mb = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`
const endsAt = performance.now() + Number(values.minutes) * 60_000
let failed = 0
for (let seed = Number(values.seed); performance.now() < endsAt; seed += 100_000) {
  const ms = Math.min(Number(values.round) * 1000, endsAt - performance.now())
  const result = await fuzz({
    seed,
    ms,
    attackers: Number(values.attackers),
    doors: values.doors.split(','),
    servedWithinMs: Number(values['served-ms']),
    stopMaxMs: Number(values['stop-ms']),
    rssMaxBytes: Number(values['rss-mb']) * 1024 ** 2,
  })
  console.log(
    `seed ${seed}: ${result.inputs} inputs, ${result.commands} commands; RSS ${mb(result.peakRssBytes)}, heap ${mb(result.peakHeapBytes)}; ` +
      `longest answers ${Object.entries(result.served)
        .map(([door, { longestMs }]) => `${door} ${Math.round(longestMs)}`)
        .join(', ')} ms`,
  )
  for (const { ms: stopMs, cpuMs, command, commandMs } of result.stops) {
    console.log(
      `  stopped ${Math.round(stopMs)} ms (CPU ${Math.round(cpuMs)}), of which ${Math.round(commandMs)} in ${command}`,
    )
  }
  for (const failure of result.failures) console.log(`  FAILED: ${failure}`)
  if (result.trail !== undefined) console.log(`  the last inputs are in ${result.trail}`)
  if (result.failures.length > 0) failed++
}
process.exitCode = failed > 0 ? 1 : 0
