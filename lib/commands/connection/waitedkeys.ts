/**
 * The keys that a client waits for, for CLIENT LIST WITHKEYS, which only we know. Redis tells nobody; but whoever looks why a queue stands
 * still wants to know, and who may run CLIENT LIST may see keys by MONITOR, too.
 */
import type { Bytes } from '../../base/bytes.ts'
import { ReplyError } from '../../base/reply.ts'
import type { Session } from '../../session/session.ts'
import { keyReferencesOf } from '../keyspecs.ts'
import type { CommandTable } from '../table.ts'

/** Text of the keys of one client, at most. */
const TEXT_MAX = 1024

/** Stands behind keys that are cut. No key is written so. */
const AND_MORE = '%+'

/** Keys with commas between them; what would end a key, a field or a line stands as `%2C`. '' for who waits for none. */
export function waitedKeys({ parked }: Session, table: CommandTable): Bytes {
  if (parked?.kind !== 'blocked') return ''
  const { argv } = parked
  const command = table.resolve(argv)
  if (command instanceof ReplyError) return ''
  let text = ''
  for (const { position, flags } of keyReferencesOf(command, argv) ?? []) {
    // What is waited for is read; BLMOVE's destination is not.
    if (!flags.includes('access')) continue
    text += `${text === '' ? '' : ','}${escaped(argv[position].slice(0, TEXT_MAX + 1))}`
    if (text.length > TEXT_MAX) return text.slice(0, TEXT_MAX).replace(/%.?$/, '') + AND_MORE
  }
  return text
}

function escaped(key: Bytes): Bytes {
  return key.replace(/[^!-~]|[%,]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
