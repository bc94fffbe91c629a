/** Documentation of the string commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  append: {
    summary: 'Append a value to a key',
    since: '2.0.0',
    complexity:
      'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
    arguments: 'key:key#0 value:string',
  },
  decr: {
    summary: 'Decrement the integer value of a key by one',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  decrby: {
    summary: 'Decrement the integer value of a key by the given number',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 decrement:integer',
  },
  delex: {
    summary: 'Delete a key if its value or the digest of it is as expected',
    since: '8.4.0',
    complexity: 'O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE where N is the length of the value',
    arguments:
      'key:key#0 ?condition:oneof(ifeq-value:string=IFEQ ifne-value:string=IFNE ifdeq-digest:string=IFDEQ ifdne-digest:string=IFDNE)',
  },
  digest: {
    summary: 'Get the XXH3 digest of the value of a key',
    since: '8.4.0',
    complexity: 'O(N) where N is the length of the value',
    arguments: 'key:key#0',
  },
  get: {
    summary: 'Get the value of a key',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  getdel: {
    summary: 'Get the value of a key and delete the key',
    since: '6.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  getex: {
    summary: 'Get the value of a key and optionally set its expiration',
    since: '6.2.0',
    complexity: 'O(1)',
    arguments:
      'key:key#0 ?expiration:oneof(seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT persist:pure-token=PERSIST)',
  },
  getrange: {
    summary: 'Get a substring of the string stored at a key',
    since: '2.4.0',
    complexity:
      'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
    arguments: 'key:key#0 start:integer end:integer',
  },
  getset: {
    summary: 'Set the string value of a key and return its old value',
    since: '1.0.0',
    complexity: 'O(1)',
    deprecatedSince: '6.2.0',
    replacedBy: '`SET` with the `!GET` argument',
    arguments: 'key:key#0 value:string',
  },
  incr: {
    summary: 'Increment the integer value of a key by one',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  incrby: {
    summary: 'Increment the integer value of a key by the given amount',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 increment:integer',
  },
  incrbyfloat: {
    summary: 'Increment the float value of a key by the given amount',
    since: '2.6.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 increment:double',
  },
  increx: {
    summary: 'Increment the numeric value of a key within bounds, and set its expiration',
    since: '8.8.0',
    complexity: 'O(1)',
    arguments:
      'key:key#0 ?increment:oneof(float:double=BYFLOAT integer:integer=BYINT) ?saturate:pure-token=SATURATE ?lowerbound:string=LBOUND ?upperbound:string=UBOUND ?expiration:oneof(seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT persist:pure-token=PERSIST) ?enx:pure-token=ENX',
  },
  lcs: {
    summary: 'Find longest common substring',
    since: '7.0.0',
    complexity: 'O(N*M) where N and M are the lengths of s1 and s2, respectively',
    arguments:
      'key1:key#0 key2:key#0 ?len:pure-token=LEN ?idx:pure-token=IDX ?len:integer=MINMATCHLEN ?withmatchlen:pure-token=WITHMATCHLEN',
  },
  mget: {
    summary: 'Get the values of all the given keys',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of keys to retrieve.',
    arguments: '*key:key#0',
  },
  mset: {
    summary: 'Set multiple keys to multiple values',
    since: '1.0.1',
    complexity: 'O(N) where N is the number of keys to set.',
    arguments: '*key_value:block(key:key#0 value:string)',
  },
  msetex: {
    summary: 'Set multiple keys to multiple values, with one condition and expiration for all',
    since: '8.4.0',
    complexity: 'O(N) where N is the number of keys to set',
    arguments:
      'numkeys:integer *data:block(key:key#0 value:string) ?condition:oneof(nx:pure-token=NX xx:pure-token=XX) ?expiration:oneof(seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT keepttl:pure-token=KEEPTTL)',
  },
  msetnx: {
    summary: 'Set multiple keys to multiple values, only if none of the keys exist',
    since: '1.0.1',
    complexity: 'O(N) where N is the number of keys to set.',
    arguments: '*key_value:block(key:key#0 value:string)',
  },
  psetex: {
    summary: 'Set the value and expiration in milliseconds of a key',
    since: '2.6.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 milliseconds:integer value:string',
  },
  set: {
    summary: 'Set the string value of a key',
    since: '1.0.0',
    complexity: 'O(1)',
    history: [
      ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
      ['6.0.0', 'Added the `KEEPTTL` option.'],
      ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'],
      ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
      ['8.4.0', 'Added the `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE` options.'],
    ],
    arguments:
      'key:key#0 value:string ?condition:oneof^2.6.12(nx:pure-token=NX xx:pure-token=XX ifeq-value:string^8.4.0=IFEQ ifne-value:string^8.4.0=IFNE ifdeq-digest:string^8.4.0=IFDEQ ifdne-digest:string^8.4.0=IFDNE) ?get:pure-token^6.2.0=GET ?expiration:oneof(seconds:integer^2.6.12=EX milliseconds:integer^2.6.12=PX unix-time-seconds:unix-time^6.2.0=EXAT unix-time-milliseconds:unix-time^6.2.0=PXAT keepttl:pure-token^6.0.0=KEEPTTL)',
  },
  setex: {
    summary: 'Set the value and expiration of a key',
    since: '2.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 seconds:integer value:string',
  },
  setnx: {
    summary: 'Set the value of a key, only if the key does not exist',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 value:string',
  },
  setrange: {
    summary: 'Overwrite part of a string at key starting at the specified offset',
    since: '2.2.0',
    complexity:
      'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
    arguments: 'key:key#0 offset:integer value:string',
  },
  strlen: {
    summary: 'Get the length of the value stored in a key',
    since: '2.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  substr: {
    summary: 'Get a substring of the string stored at a key',
    since: '1.0.0',
    complexity:
      'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
    deprecatedSince: '2.0.0',
    replacedBy: '`GETRANGE`',
    arguments: 'key:key#0 start:integer end:integer',
  },
  take: {
    summary: 'Get the value of a key and delete the key: another name of GETDEL, in zerodis only',
    since: '6.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
}
