/** The commands on places. The handlers are loaded with the first that runs. */
import { type Command, type KeySpec, keyAt, lazyCommand } from '../command.ts'
import { geoadd, geodist, geohash, geopos } from './geo.ts'
import {
  georadius,
  georadiusbymember,
  georadiusbymemberRo,
  georadiusRo,
  geosearch,
  geosearchstore,
  storePositions,
} from './geosearch.ts'

const READ = [keyAt(1, 'RO access')]

/** The key, and the one after a word that may stand anywhere from an argument on. */
const radiusKeys = (startFrom: number): readonly KeySpec[] => [
  ...READ,
  ...['STORE', 'STOREDIST'].map((keyword) => ({
    flags: 'OW update',
    begin: { keyword, startFrom },
    find: { lastKey: 0, step: 1, limit: 0 },
  })),
]

export const geoGroup: readonly Command[] = [
  lazyCommand('geoadd', 'geo', -5, 'write denyoom', [keyAt(1, 'RW update')], () => geoadd),
  lazyCommand('geodist', 'geo', -4, 'readonly', READ, () => geodist),
  lazyCommand('geohash', 'geo', -2, 'readonly', READ, () => geohash),
  lazyCommand('geopos', 'geo', -2, 'readonly', READ, () => geopos),
  lazyCommand('georadius', 'geo', -6, 'write denyoom movablekeys', radiusKeys(6), () => georadius, {
    keyPositions: (argv) => storePositions(argv, 6),
  }),
  lazyCommand('georadius_ro', 'geo', -6, 'readonly', READ, () => georadiusRo),
  lazyCommand('georadiusbymember', 'geo', -5, 'write denyoom movablekeys', radiusKeys(5), () => georadiusbymember, {
    keyPositions: (argv) => storePositions(argv, 5),
  }),
  lazyCommand('georadiusbymember_ro', 'geo', -5, 'readonly', READ, () => georadiusbymemberRo),
  lazyCommand('geosearch', 'geo', -7, 'readonly', READ, () => geosearch),
  lazyCommand(
    'geosearchstore',
    'geo',
    -8,
    'write denyoom',
    [keyAt(1, 'OW update'), keyAt(2, 'RO access')],
    () => geosearchstore,
  ),
]
