/** `npm pack` and `npm publish` at the root: this folder is the workshop, the package is what is built in dist/. */
console.error('The package is in dist/: npm run build:package && npm publish ./dist')
process.exit(1)
