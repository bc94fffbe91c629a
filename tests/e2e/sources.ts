/** What a build of the Next app reads of this folder, to be copied for a build elsewhere. */
export const SOURCES = [
  'app',
  'console',
  'lib',
  'instrumentation.ts',
  'proxy.ts',
  'next.config.mjs',
  'package.json',
  'tsconfig.json',
]
