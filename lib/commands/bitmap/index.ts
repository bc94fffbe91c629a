/** The commands on strings as bits. The handlers are loaded with the first that runs. */
import type { Bytes } from '../../base/bytes.ts'
import { type Command, keyAt, keysFrom, lazilyPlaced, lazyCommand } from '../command.ts'
import { bitfield, bitfieldRo } from './bitfield.ts'
import { bitcount, bitop, bitpos, getbit, placedBitpos, setbit } from './bitmap.ts'

/** BITFIELD writes only where one of its operations does. */
function bitfieldKeyFlags(argv: readonly Bytes[]): Bytes {
  const writes = argv.some((word, i) => i > 1 && /^(?:set|incrby)$/i.test(word))
  return writes ? 'RW access update' : 'RO access'
}

export const bitmapGroup: readonly Command[] = [
  lazyCommand('bitcount', 'bitmap', -2, 'readonly', [keyAt(1, 'RO access')], () => bitcount),
  lazyCommand('bitop', 'bitmap', -4, 'write denyoom', [keyAt(2, 'OW update'), keysFrom(3, 'RO access')], () => bitop),
  lazyCommand('bitpos', 'bitmap', -3, 'readonly', [keyAt(1, 'RO access')], () => bitpos, {
    placed: lazilyPlaced(() => placedBitpos),
  }),
  lazyCommand('getbit', 'bitmap', 3, 'readonly fast', [keyAt(1, 'RO access')], () => getbit),
  lazyCommand('setbit', 'bitmap', 4, 'write denyoom', [keyAt(1, 'RW access update')], () => setbit),
  lazyCommand(
    'bitfield',
    'bitmap',
    -2,
    'write denyoom',
    [keyAt(1, 'RW access update variable_flags', 'This command allows both access and modification of the key')],
    () => bitfield,
    { keyFlags: bitfieldKeyFlags },
  ),
  lazyCommand('bitfield_ro', 'bitmap', -2, 'readonly fast', [keyAt(1, 'RO access')], () => bitfieldRo),
]
