/** A store for each worker, opened before the run, for code under test that runs in processes of its own. */
module.exports = {
  rootDir: __dirname,
  globalSetup: 'zerodis/global-setup',
  maxWorkers: 2,
}
