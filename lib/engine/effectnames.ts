/** Names of commands in the stream of effects. */
import type { Bytes } from '../base/bytes.ts'
import type { Command } from '../commands/command.ts'

/** What Redis knows since 8.6 or 8.8 only: an older replica would drop the whole transaction in which it stands. */
export const FILE_ONLY: ReadonlySet<Bytes> = new Set(['XCFGSET', 'XIDMPRECORD', 'XNACK'])

/** A command as others know it, who have no aliases of ours. */
export function namedAsOriginal({ aliasOf }: Command, argv: readonly Bytes[]): readonly Bytes[] {
  return aliasOf === undefined ? argv : [aliasOf, ...argv.slice(1)]
}
