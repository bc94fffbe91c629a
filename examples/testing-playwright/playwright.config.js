import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests',
  // A store for each worker: give its address to the application that a test opens.
  globalSetup: 'zerodis/global-setup',
  workers: 2,
  reporter: 'list',
})
