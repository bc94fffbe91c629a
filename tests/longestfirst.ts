/**
 * The order of files within a project. A file that takes long and is begun last runs alone in the end, while the other processors have
 * nothing to do; Vitest knows the times of its last run only, which a fresh checkout does not have, and orders by size, which tells little.
 */
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take more than ten seconds. What waits most of the time stands between what computes. */
const LONG: readonly string[] = [
  'e2e/console-server',
  'e2e/cloudflare',
  'e2e/limited',
  'stores/postgres/histories',
  'e2e/console',
  'stores/postgres/uses',
  'stores/sqlite/uses',
  'e2e/bottleneck',
  'e2e/watch',
  'e2e/serve',
  'e2e/bullmq',
  'base/faketimers',
  'stores/sqlite/shared',
  'e2e/upstash',
  'stores/remote/contract',
  'upstream/sentinel-contract',
  'crash/types',
  'journal/faults',
  'docs/snippets',
  'persistence/largefile',
  'replication/replica',
  'commands/json/path/hostile',
  'replication/peers',
  'differential/types',
  'replication/sentinel',
  'transports/sockets',
  'replication/genuine-master',
  'replication/interrupted',
  'replication/admission',
  'scripting/limits',
  'host/heap',
  'upstream/cluster',
  'scripting/endless',
  'upstream/cluster-contract',
  'cluster/contract',
  'crash/crash',
  'fuzz/doors',
  'e2e/dev',
  'e2e/package',
  'e2e/next',
  'e2e/start',
].map((name) => `tests/${name}.test.ts`)

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const ranks = new Map(sorted.map((file, index) => [file, { place: this.#placeOf(file), index }]))
    return sorted.sort((one, other) => {
      const [a, b] = [ranks.get(one)!, ranks.get(other)!]
      return (one.project === other.project && a.place - b.place) || a.index - b.index
    })
  }

  #placeOf({ moduleId }: TestSpecification): number {
    const place = LONG.indexOf(relative(this.ctx.config.root, moduleId))
    return place === -1 ? LONG.length : place
  }
}
