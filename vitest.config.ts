import { configDefaults, defineConfig } from 'vitest/config'

const BOTTLENECK = 'tests/e2e/bottleneck-suite.test.ts'

export default defineConfig({
  test: {
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'lib',
          // A contract file (*.cases.ts) is a test file of its own.
          include: ['tests/**/*.test.ts', 'tests/contract/*.cases.ts'],
          exclude: [...configDefaults.exclude, 'tests/e2e/**'],
          maxWorkers: 2,
        },
      },
      {
        // Whole processes, several of which build or serve this folder's app: one file at a time, after the others.
        extends: true,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          exclude: [...configDefaults.exclude, BOTTLENECK],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Minutes of waiting: `npm run test:bottleneck`.
        extends: true,
        test: { name: 'bottleneck', include: [BOTTLENECK], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
