/** Documentation of the array commands: see doc.ts for the shape. Facts of Redis 8.8's documentation. */
import type { Docs } from '../doc.ts'

const SINCE = '8.8.0'
const VISITED = 'O(N) with N the places visited: those of dense slices in the range, and the elements of sparse ones'

export const docs: Docs = {
  arcount: { summary: 'Count the elements of an array', since: SINCE, complexity: 'O(1)', arguments: 'key:key#0' },
  ardel: {
    summary: 'Delete elements of an array by their indexes',
    since: SINCE,
    complexity: 'O(N) with N the number of indexes',
    arguments: 'key:key#0 *index:integer',
  },
  ardelrange: {
    summary: 'Delete the elements of one or more ranges of an array',
    since: SINCE,
    complexity: 'In proportion to the elements and slices in the ranges, not to how long these are',
    arguments: 'key:key#0 *range:block(start:integer end:integer)',
  },
  arget: {
    summary: 'Get an element of an array by its index',
    since: SINCE,
    complexity: 'O(1)',
    arguments: 'key:key#0 index:integer',
  },
  argetrange: {
    summary: 'Get what stands at each index of a range of an array',
    since: SINCE,
    complexity: 'O(N) with N the length of the range',
    arguments: 'key:key#0 start:integer end:integer',
  },
  argrep: {
    summary: 'Search the elements of a range of an array by predicates on their text',
    since: SINCE,
    complexity: 'O(P * C) with P the places visited and C the cost of the predicates on one element',
    arguments:
      'key:key#0 start:string end:string *predicate:oneof(exact:block(exact:pure-token=EXACT string:string) match:block(match:pure-token=MATCH string:string) glob:block(glob:pure-token=GLOB pattern:string) re:block(re:pure-token=RE pattern:string)) ?*options:oneof(and:pure-token=AND or:pure-token=OR limit:integer=LIMIT withvalues:pure-token=WITHVALUES nocase:pure-token=NOCASE)',
  },
  arinfo: {
    summary: 'Describe an array and how it is held',
    since: SINCE,
    complexity: 'O(1), with FULL O(N) with N the number of slices',
    arguments: 'key:key#0 ?full:pure-token=FULL',
  },
  arinsert: {
    summary: 'Append values to an array, at the indexes behind the last append',
    since: SINCE,
    complexity: 'O(N) with N the number of values',
    arguments: 'key:key#0 *value:string',
  },
  arlastitems: {
    summary: 'Get what was appended last to an array',
    since: SINCE,
    complexity: 'O(N) with N the count',
    arguments: 'key:key#0 count:integer ?rev:pure-token=REV',
  },
  arlen: {
    summary: 'Get the length of an array, which is its highest index plus one',
    since: SINCE,
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  armget: {
    summary: 'Get elements of an array by their indexes',
    since: SINCE,
    complexity: 'O(N) with N the number of indexes',
    arguments: 'key:key#0 *index:integer',
  },
  armset: {
    summary: 'Set elements of an array, each by its index',
    since: SINCE,
    complexity: 'O(N) with N the number of pairs',
    arguments: 'key:key#0 *data:block(index:integer value:string)',
  },
  arnext: {
    summary: 'Get the index of the next append to an array',
    since: SINCE,
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  arop: {
    summary: 'Compute one figure over the elements of a range of an array',
    since: SINCE,
    complexity: VISITED,
    arguments:
      'key:key#0 start:integer end:integer operation:oneof(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX and:pure-token=AND or:pure-token=OR xor:pure-token=XOR match:block(match:pure-token=MATCH value:string) used:pure-token=USED)',
  },
  arring: {
    summary: 'Append values to an array that is a ring of so many places',
    since: SINCE,
    complexity:
      'O(M) with M the number of values; O(N+M) where the size of the ring changes, with N the larger of the two sizes',
    arguments: 'key:key#0 size:integer *value:string',
  },
  arscan: {
    summary: 'Get the elements of a range of an array with their indexes',
    since: SINCE,
    complexity: VISITED,
    arguments: 'key:key#0 start:integer end:integer ?limit:integer=LIMIT',
  },
  arseek: {
    summary: 'Set the index of the next append to an array',
    since: SINCE,
    complexity: 'O(1)',
    arguments: 'key:key#0 index:integer',
  },
  arset: {
    summary: 'Set consecutive elements of an array from an index on',
    since: SINCE,
    complexity: 'O(N) with N the number of values',
    arguments: 'key:key#0 index:integer *value:string',
  },
}
