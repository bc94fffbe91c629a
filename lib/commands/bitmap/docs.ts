/** Documentation of the bitmap commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  bitcount: {
    summary: 'Count set bits in a string',
    since: '2.6.0',
    complexity: 'O(N)',
    history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
    arguments:
      'key:key#0 ?index:block(start:integer end:integer ?index_unit:oneof^7.0.0(byte:pure-token=BYTE bit:pure-token=BIT))',
  },
  bitfield: {
    summary: 'Perform arbitrary bitfield integer operations on strings',
    since: '3.2.0',
    complexity: 'O(1) for each subcommand specified',
    arguments:
      'key:key#0 ?*operation:oneof(encoding_offset:block=GET(encoding:string offset:integer) write:block(?wrap_sat_fail:oneof=OVERFLOW(wrap:pure-token=WRAP sat:pure-token=SAT fail:pure-token=FAIL) write_operation:oneof(encoding_offset_value:block=SET(encoding:string offset:integer value:integer) encoding_offset_increment:block=INCRBY(encoding:string offset:integer increment:integer))))',
  },
  bitfield_ro: {
    summary: 'Perform arbitrary bitfield integer operations on strings. Read-only variant of BITFIELD',
    since: '6.0.0',
    complexity: 'O(1) for each subcommand specified',
    arguments: 'key:key#0 ?*+encoding_offset:block=GET(encoding:string offset:integer)',
  },
  bitop: {
    summary: 'Perform bitwise operations between strings',
    since: '2.6.0',
    complexity: 'O(N)',
    arguments: 'operation:string destkey:key#0 *key:key#1',
  },
  bitpos: {
    summary: 'Find first bit set or clear in a string',
    since: '2.8.7',
    complexity: 'O(N)',
    history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
    arguments:
      'key:key#0 bit:integer ?index:block(start:integer ?end_index:block(end:integer ?index_unit:oneof^7.0.0(byte:pure-token=BYTE bit:pure-token=BIT)))',
  },
  getbit: {
    summary: 'Returns the bit value at offset in the string value stored at key',
    since: '2.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 offset:integer',
  },
  setbit: {
    summary: 'Sets or clears the bit at offset in the string value stored at key',
    since: '2.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 offset:integer value:integer',
  },
}
