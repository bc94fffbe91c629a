import { configDefaults, defineConfig } from 'vitest/config'

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
        test: { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
