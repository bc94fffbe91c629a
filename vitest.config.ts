import { configDefaults, defineConfig } from 'vitest/config'

const BOTTLENECK = 'tests/e2e/bottleneck-suite.test.ts'
const CONTRACT = 'tests/contract/*.cases.ts'
/** What builds the package or this folder's app, each of which has one folder; and what measures a process against the machine. */
const BUILDING = ['dev', 'browser', 'next', 'vercel', 'bottleneck-route', 'package', 'basepath']
const MEASURING = ['memory', 'attack']
const ALONE = [...BUILDING, ...MEASURING].map((name) => `tests/e2e/${name}.test.ts`)
const WORKERS = 2

export default defineConfig({
  test: {
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // What is waited for comes soon, but not on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'lib',
          include: ['tests/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE, BOTTLENECK],
          maxWorkers: WORKERS,
        },
      },
      {
        // A contract file is a test file of its own. They change nothing outside of their own stores, so they share what they load.
        extends: true,
        test: { name: 'contract', include: [CONTRACT], isolate: false, maxWorkers: WORKERS },
      },
      {
        // One file at a time, after the others.
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
      {
        // Minutes of waiting: `npm run test:bottleneck`.
        extends: true,
        test: { name: 'bottleneck', include: [BOTTLENECK], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
