import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // For tests that ask for `workerServer()`; the fixture `store` needs none of it.
    globalSetup: 'zerodis/global-setup',
    maxWorkers: 2,
  },
})
