import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // A contract file (*.cases.ts) is a test file of its own.
    include: ['tests/**/*.test.ts', 'tests/contract/*.cases.ts'],
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
