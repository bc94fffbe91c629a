/** The commands on streams. The handlers are loaded with the first that runs. */
import { type Command, type KeySpec, keyAt, lazilyPlaced, lazyCommand } from '../command.ts'
import { container } from '../container.ts'
import { xautoclaim, xclaim } from './claim.ts'
import { xackdel, xdelex } from './delete.ts'
import { create, createconsumer, delconsumer, destroy, setid, xack, xpending } from './group.ts'
import { xgroupHelp, xinfoHelp } from './help.ts'
import { xcfgset, xidmprecord } from './idempotence.ts'
import { consumers, groups, stream } from './info.ts'
import { xnack } from './nack.ts'
import { placedXrange, placedXrevrange } from './placed.ts'
import { xread, xreadgroup } from './read.ts'
import { xadd, xdel, xlen, xrange, xrevrange, xsetid, xtrim } from './stream.ts'

const XADD_NOTE = 'UPDATE instead of INSERT because of the optional trimming feature'

const streamsFrom = (startFrom: number): KeySpec => ({
  flags: 'RO access',
  begin: { keyword: 'STREAMS', startFrom },
  find: { lastKey: -1, step: 1, limit: 2 },
})

export const streamGroup: readonly Command[] = [
  lazyCommand('xadd', 'stream', -5, 'write denyoom fast', [keyAt(1, 'RW update', XADD_NOTE)], () => xadd),
  lazyCommand('xtrim', 'stream', -4, 'write', [keyAt(1, 'RW delete')], () => xtrim),
  lazyCommand('xlen', 'stream', 2, 'readonly fast', [keyAt(1, 'RO')], () => xlen),
  lazyCommand('xrange', 'stream', -4, 'readonly', [keyAt(1, 'RO access')], () => xrange, {
    placed: lazilyPlaced(() => placedXrange),
  }),
  lazyCommand('xrevrange', 'stream', -4, 'readonly', [keyAt(1, 'RO access')], () => xrevrange, {
    placed: lazilyPlaced(() => placedXrevrange),
  }),
  lazyCommand('xdel', 'stream', -3, 'write fast', [keyAt(1, 'RW delete')], () => xdel),
  lazyCommand('xsetid', 'stream', -3, 'write denyoom fast', [keyAt(1, 'RW update')], () => xsetid),
  lazyCommand('xread', 'stream', -4, 'readonly blocking movablekeys', [streamsFrom(1)], () => xread),
  lazyCommand('xreadgroup', 'stream', -7, 'write blocking movablekeys', [streamsFrom(4)], () => xreadgroup),
  container(
    'xinfo',
    'stream',
    '@-stream',
    [
      lazyCommand('stream', 'stream', -3, 'readonly', [keyAt(2, 'RO access')], () => stream),
      lazyCommand('groups', 'stream', 3, 'readonly', [keyAt(2, 'RO access')], () => groups),
      lazyCommand('consumers', 'stream', 4, 'readonly', [keyAt(2, 'RO access')], () => consumers),
    ],
    () => xinfoHelp,
  ),
  container(
    'xgroup',
    'stream',
    '@-stream',
    [
      lazyCommand('create', 'stream', -5, 'write denyoom', [keyAt(2, 'RW insert')], () => create),
      lazyCommand('setid', 'stream', -5, 'write', [keyAt(2, 'RW update')], () => setid),
      lazyCommand('destroy', 'stream', 4, 'write', [keyAt(2, 'RW delete')], () => destroy),
      lazyCommand('createconsumer', 'stream', 5, 'write denyoom', [keyAt(2, 'RW insert')], () => createconsumer),
      lazyCommand('delconsumer', 'stream', 5, 'write', [keyAt(2, 'RW delete')], () => delconsumer),
    ],
    () => xgroupHelp,
  ),
  lazyCommand('xack', 'stream', -4, 'write fast', [keyAt(1, 'RW update')], () => xack),
  lazyCommand('xpending', 'stream', -3, 'readonly', [keyAt(1, 'RO access')], () => xpending),
  lazyCommand('xclaim', 'stream', -6, 'write fast', [keyAt(1, 'RW update')], () => xclaim),
  lazyCommand('xautoclaim', 'stream', -6, 'write fast', [keyAt(1, 'RW delete')], () => xautoclaim),
  lazyCommand('xdelex', 'stream', -5, 'write fast', [keyAt(1, 'RW delete')], () => xdelex),
  lazyCommand('xackdel', 'stream', -6, 'write fast', [keyAt(1, 'RW delete')], () => xackdel),
  lazyCommand('xcfgset', 'stream', -2, 'write fast', [keyAt(1, 'RW update')], () => xcfgset),
  lazyCommand('xidmprecord', 'stream', 5, 'write denyoom fast', [keyAt(1, 'RW update')], () => xidmprecord),
  lazyCommand('xnack', 'stream', -7, 'write fast', [keyAt(1, 'RW update')], () => xnack),
]
