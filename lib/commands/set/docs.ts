/** Documentation of the set commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  sadd: {
    summary: 'Add one or more members to a set',
    since: '1.0.0',
    complexity:
      'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    arguments: 'key:key#0 *member:string',
  },
  scard: {
    summary: 'Get the number of members in a set',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  sdiff: {
    summary: 'Subtract multiple sets',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arguments: '*key:key#0',
  },
  sdiffcard: {
    summary: 'Count the members of the difference between the first set and all others',
    since: '8.10.0',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arguments: 'numkeys:integer *key:key#0 ?limit:integer=LIMIT',
  },
  sdiffstore: {
    summary: 'Subtract multiple sets and store the resulting set in a key',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arguments: 'destination:key#0 *key:key#1',
  },
  sinter: {
    summary: 'Intersect multiple sets',
    since: '1.0.0',
    complexity: 'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    arguments: '*key:key#0',
  },
  sintercard: {
    summary: 'Intersect multiple sets and return the cardinality of the result',
    since: '7.0.0',
    complexity: 'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    arguments: 'numkeys:integer *key:key#0 ?limit:integer=LIMIT',
  },
  sinterstore: {
    summary: 'Intersect multiple sets and store the resulting set in a key',
    since: '1.0.0',
    complexity: 'O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets.',
    arguments: 'destination:key#0 *key:key#1',
  },
  sismember: {
    summary: 'Determine if a given value is a member of a set',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 member:string',
  },
  smembers: {
    summary: 'Get all the members in a set',
    since: '1.0.0',
    complexity: 'O(N) where N is the set cardinality.',
    arguments: 'key:key#0',
  },
  smismember: {
    summary: 'Returns the membership associated with the given elements for a set',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of elements being checked for membership',
    arguments: 'key:key#0 *member:string',
  },
  smove: {
    summary: 'Move a member from one set to another',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'source:key#0 destination:key#1 member:string',
  },
  spop: {
    summary: 'Remove and return one or multiple random members from a set',
    since: '1.0.0',
    complexity: 'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
    history: [['3.2.0', 'Added the `count` argument.']],
    arguments: 'key:key#0 ?count:integer^3.2.0',
  },
  srandmember: {
    summary: 'Get one or multiple random members from a set',
    since: '1.0.0',
    complexity: 'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
    history: [['2.6.0', 'Added the optional `count` argument.']],
    arguments: 'key:key#0 ?count:integer^2.6.0',
  },
  srem: {
    summary: 'Remove one or more members from a set',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of members to be removed.',
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    arguments: 'key:key#0 *member:string',
  },
  sscan: {
    summary: 'Incrementally iterate Set elements',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    arguments: 'key:key#0 cursor:integer ?pattern:pattern=MATCH ?count:integer=COUNT',
  },
  sunion: {
    summary: 'Add multiple sets',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arguments: '*key:key#0',
  },
  sunioncard: {
    summary: 'Count the members of the union of sets',
    since: '8.10.0',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arguments: 'numkeys:integer *key:key#0 ?approx:pure-token=APPROX ?limit:integer=LIMIT',
  },
  sunionstore: {
    summary: 'Add multiple sets and store the resulting set in a key',
    since: '1.0.0',
    complexity: 'O(N) where N is the total number of elements in all given sets.',
    arguments: 'destination:key#0 *key:key#1',
  },
}
