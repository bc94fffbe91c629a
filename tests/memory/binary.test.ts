import { expect, test } from 'vitest'
import { KERNELS_BINARY } from '../../lib/memory/binary.ts'
import { canCompile, compiled } from './binary.ts'

test.skipIf(!canCompile())('the kernels in the source are those of kernels/ (needs rustc 1.63 of Debian 12)', () => {
  // Otherwise: npx tsx tests/memory/binary.ts
  expect(Buffer.from(KERNELS_BINARY, 'base64').equals(compiled())).toBe(true)
})
