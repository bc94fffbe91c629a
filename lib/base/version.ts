/** The versions that clients are told. `tests/version.test.ts` holds ZERODIS_VERSION equal to package.json. */
import type { Bytes } from './bytes.ts'

/** The Redis whose behaviour is reproduced; clients choose their features by it. */
export const REDIS_VERSION: Bytes = '7.4.1'
export const ZERODIS_VERSION: Bytes = '0.1.0'
