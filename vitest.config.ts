import { configDefaults, defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/longestfirst.ts'

const BOTTLENECK = 'tests/e2e/bottleneck-suite.test.ts'
const CONTRACT = 'tests/contract/*.cases.ts'
/** What builds the package or this folder's app, or serves what was built: each takes both processors, and a folder is built once. */
const BUILDING = ['bottleneck-route', 'dev', 'next', 'package', 'start'].map(ofEndToEnd)
/** Each builds the app once more, with other settings, in a folder of its own: a minute each. */
const BUILDING_APART = ['basepath', 'vercel'].map(ofEndToEnd)
/** What measures a process against the machine. */
const MEASURING = ['attack', 'memory'].map(ofEndToEnd)
/** What wants modules of its own for each file: it replaces some of them, changes what belongs to the process, or measures it. */
const APART = [
  'tests/base/faketimers.test.ts',
  'tests/bottleneck/**/*.test.ts',
  'tests/commands/lazily.test.ts',
  // Their helpers end with each test what it has started, and say so once, when they are loaded.
  'tests/e2e/**/*.test.ts',
  'tests/faults/**/*.test.ts',
  'tests/server/exit.test.ts',
  'tests/stores/simulation/**/*.test.ts',
  'tests/stores/sqlite/{bell,turns}.test.ts',
  'tests/testing/**/*.test.ts',
  'tests/transports/longbodies.test.ts',
]
const STORES = ['tests/stores/**/*.test.ts']
const LATER = [...BUILDING, ...BUILDING_APART, ...MEASURING, BOTTLENECK]
/** Of two processors: many tests wait for others. */
const WORKERS = 3

function ofEndToEnd(name: string): string {
  return `tests/e2e/${name}.test.ts`
}

export default defineConfig({
  test: {
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // What is waited for comes soon, but not on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // What a project has transformed is there for the others, and for the next run.
    experimental: { fsModuleCache: true },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        // Files share what they load, as they do in one program: to load it for each took a fifth of the time.
        extends: true,
        test: {
          name: 'lib',
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...APART, ...STORES, ...LATER],
          isolate: false,
          maxWorkers: WORKERS,
        },
      },
      {
        extends: true,
        test: {
          name: 'stores',
          include: STORES,
          exclude: [...configDefaults.exclude, ...APART, ...LATER],
          isolate: false,
          maxWorkers: WORKERS,
        },
      },
      {
        extends: true,
        test: { name: 'contract', include: [CONTRACT], isolate: false, maxWorkers: WORKERS },
      },
      {
        extends: true,
        test: {
          name: 'apart',
          include: APART,
          exclude: [...configDefaults.exclude, ...LATER],
          maxWorkers: WORKERS,
        },
      },
      {
        extends: true,
        test: { name: 'building', include: BUILDING, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        // `npm run test:whole`.
        extends: true,
        test: { name: 'building-apart', include: BUILDING_APART, maxWorkers: 1, sequence: { groupOrder: 4 } },
      },
      {
        // One file at a time, after the others.
        extends: true,
        test: { name: 'alone', include: MEASURING, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
      {
        // Minutes of waiting: `npm run test:bottleneck`.
        extends: true,
        test: { name: 'bottleneck', include: [BOTTLENECK], maxWorkers: 1, sequence: { groupOrder: 3 } },
      },
    ],
  },
})
