/** What a replica says before it is synchronised. The rest is in tests/replication. */
import { contract, error, ok } from './dsl.ts'

export const cases = contract('replication', {
  'REPLCONF takes what a replica says of itself': [
    ['REPLCONF', ok],
    ['REPLCONF listening-port 6380', ok],
    ['REPLCONF ip-address 127.0.0.1 listening-port 6380', ok],
    ['REPLCONF capa eof capa psync2', ok],
    ['REPLCONF rdb-only 1', ok],
    ['REPLCONF rdb-only 0', ok],
  ],
  'REPLCONF refuses what it does not know': [
    ['REPLCONF listening-port', error('ERR syntax error')],
    ['REPLCONF listening-port here', error('ERR value is not an integer or out of range')],
    ['REPLCONF rdb-only 2', error('ERR value is out of range, value must between 0 and 1')],
    ['REPLCONF colour blue', error('ERR Unrecognized REPLCONF option: colour')],
  ],
})
