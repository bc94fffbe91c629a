/** Tests that are ES modules: node --experimental-vm-modules node_modules/jest/bin/jest.js --config modules/jest.config.js */
module.exports = {
  rootDir: __dirname,
  testEnvironment: 'zerodis/jest',
  testMatch: ['**/*.test.mjs'],
  transform: {},
}
