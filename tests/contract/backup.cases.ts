/** BACKUP (Redis 8.10), as far as no file is made; what one holds: tests/journal/backup.test.ts. */
import { array, contract, error, map, ok, status, where } from './dsl.ts'

const idle = map(['state', 'idle', 'error', '', 'start_time', 0, 'end_time', 0])
const queued = status('QUEUED')
const NONE = error('ERR No backup in progress')
const NOT_READY = error('ERR No backup ready to seal (must be in the incrementing state)')

export const cases = contract(
  'backup',
  {
    'before the first one there is nothing to end and nothing to fetch': [
      ['BACKUP STATUS', idle],
      ['BACKUP LIST', array([])],
      ['BACKUP SEAL', NOT_READY],
      ['BACKUP ABORT', NONE],
      ['BACKUP CLEANUP', ok],
      ['BACKUP STATUS', idle],
    ],
    'one that a transaction begins and gives up': [
      ['MULTI', ok],
      ['BACKUP START', queued],
      ['BACKUP START', queued],
      ['BACKUP CLEANUP', queued],
      ['BACKUP SEAL', queued],
      ['BACKUP ABORT', queued],
      ['BACKUP CLEANUP', queued],
      ['BACKUP STATUS', queued],
      [
        'EXEC',
        [
          ok,
          error('ERR A backup is already in progress, ABORT it first'),
          error('ERR Backup is in progress'),
          NOT_READY,
          ok,
          ok,
          idle,
        ],
      ],
    ],
    'how many arguments': [
      ['BACKUP', error("ERR wrong number of arguments for 'backup' command")],
      ['BACKUP START now', error("ERR wrong number of arguments for 'backup|start' command")],
      ['BACKUP HELP', where((lines) => lines.includes('START') && lines.includes('SEAL'), 'the lines')],
      ['BACKUP TAKE', error("ERR unknown subcommand 'TAKE'. Try BACKUP HELP.")],
    ],
  },
  { since: '8.10' },
)
