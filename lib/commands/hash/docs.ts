/** Documentation of the hash commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  hdel: {
    summary: 'Delete one or more hash fields',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields to be removed.',
    history: [['2.4.0', 'Accepts multiple `field` arguments.']],
    arguments: 'key:key#0 *field:string',
  },
  hexists: {
    summary: 'Determine if a hash field exists',
    since: '2.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 field:string',
  },
  hexpire: {
    summary: 'Set the time to live of hash fields in seconds',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments:
      'key:key#0 seconds:integer ?condition:oneof(nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT) fields:block=FIELDS(numfields:integer *field:string)',
  },
  hexpireat: {
    summary: 'Set the expiration of hash fields as a UNIX timestamp',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments:
      'key:key#0 unix-time-seconds:unix-time ?condition:oneof(nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT) fields:block=FIELDS(numfields:integer *field:string)',
  },
  hexpiretime: {
    summary: 'Get the expiration of hash fields as a UNIX timestamp',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments: 'key:key#0 fields:block=FIELDS(numfields:integer *field:string)',
  },
  hget: {
    summary: 'Get the value of a hash field',
    since: '2.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 field:string',
  },
  hgetall: {
    summary: 'Get all the fields and values in a hash',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    arguments: 'key:key#0',
  },
  hgetdel: {
    summary: 'Get the values of hash fields and delete the fields',
    since: '8.0.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments: 'key:key#0 fields:block=FIELDS(numfields:integer *field:string)',
  },
  hgetex: {
    summary: 'Get the values of hash fields and optionally set their expiration',
    since: '8.0.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments:
      'key:key#0 ?expiration:oneof(seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT persist:pure-token=PERSIST) fields:block=FIELDS(numfields:integer *field:string)',
  },
  himport: {
    summary: 'A container for commands that import many hashes with the same fields.',
    since: '8.10.0',
    complexity: 'Depends on subcommand.',
  },
  'himport|discard': {
    summary: 'Removes a fieldset of the connection.',
    since: '8.10.0',
    complexity: 'O(N) where N is the number of fields.',
    arguments: 'fieldset-name:string',
  },
  'himport|discardall': {
    summary: 'Removes all fieldsets of the connection.',
    since: '8.10.0',
    complexity: 'O(N) where N is the total number of fields of all fieldsets.',
  },
  'himport|prepare': {
    summary: 'Defines a fieldset: names of fields in order, for this connection.',
    since: '8.10.0',
    complexity: 'O(N*log(N)) where N is the number of fields.',
    arguments: 'fieldset-name:string *field:string',
  },
  'himport|set': {
    summary: 'Creates a hash from a fieldset and values in the same order.',
    since: '8.10.0',
    complexity: 'O(N) where N is the number of fields in the fieldset.',
    arguments: 'key:key#0 fieldset-name:string *value:string',
  },
  hincrby: {
    summary: 'Increment the integer value of a hash field by the given number',
    since: '2.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 field:string increment:integer',
  },
  hincrbyfloat: {
    summary: 'Increment the float value of a hash field by the given amount',
    since: '2.6.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 field:string increment:double',
  },
  hkeys: {
    summary: 'Get all the fields in a hash',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    arguments: 'key:key#0',
  },
  hlen: {
    summary: 'Get the number of fields in a hash',
    since: '2.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  hmget: {
    summary: 'Get the values of all the given hash fields',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields being requested.',
    arguments: 'key:key#0 *field:string',
  },
  hmset: {
    summary: 'Set multiple hash fields to multiple values',
    since: '2.0.0',
    complexity: 'O(N) where N is the number of fields being set.',
    deprecatedSince: '4.0.0',
    replacedBy: '`HSET` with multiple field-value pairs',
    arguments: 'key:key#0 *field_value:block(field:string value:string)',
  },
  hpersist: {
    summary: 'Remove the expiration of hash fields',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments: 'key:key#0 fields:block=FIELDS(numfields:integer *field:string)',
  },
  hpexpire: {
    summary: 'Set the time to live of hash fields in milliseconds',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments:
      'key:key#0 milliseconds:integer ?condition:oneof(nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT) fields:block=FIELDS(numfields:integer *field:string)',
  },
  hpexpireat: {
    summary: 'Set the expiration of hash fields as a UNIX timestamp in milliseconds',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments:
      'key:key#0 unix-time-milliseconds:unix-time ?condition:oneof(nx:pure-token=NX xx:pure-token=XX gt:pure-token=GT lt:pure-token=LT) fields:block=FIELDS(numfields:integer *field:string)',
  },
  hpexpiretime: {
    summary: 'Get the expiration of hash fields as a UNIX timestamp in milliseconds',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments: 'key:key#0 fields:block=FIELDS(numfields:integer *field:string)',
  },
  hpttl: {
    summary: 'Get the time to live of hash fields in milliseconds',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments: 'key:key#0 fields:block=FIELDS(numfields:integer *field:string)',
  },
  hrandfield: {
    summary: 'Get one or multiple random fields from a hash',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of fields returned',
    arguments: 'key:key#0 ?options:block(count:integer ?withvalues:pure-token=WITHVALUES)',
  },
  hscan: {
    summary: 'Incrementally iterate hash fields and associated values',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    arguments:
      'key:key#0 cursor:integer ?pattern:pattern=MATCH ?count:integer=COUNT ?novalues:pure-token^7.4.0=NOVALUES',
  },
  hset: {
    summary: 'Set the string value of a hash field',
    since: '2.0.0',
    complexity:
      'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
    history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
    arguments: 'key:key#0 *field_value:block(field:string value:string)',
  },
  hsetex: {
    summary: 'Set the values of hash fields and optionally their expiration',
    since: '8.0.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments:
      'key:key#0 ?condition:oneof(fnx:pure-token=FNX fxx:pure-token=FXX) ?expiration:oneof(seconds:integer=EX milliseconds:integer=PX unix-time-seconds:unix-time=EXAT unix-time-milliseconds:unix-time=PXAT keepttl:pure-token=KEEPTTL) fields:block=FIELDS(numfields:integer *data:block(field:string value:string))',
  },
  hsetnx: {
    summary: 'Set the value of a hash field, only if the field does not exist',
    since: '2.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 field:string value:string',
  },
  hstrlen: {
    summary: 'Get the length of the value of a hash field',
    since: '3.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 field:string',
  },
  httl: {
    summary: 'Get the time to live of hash fields in seconds',
    since: '7.4.0',
    complexity: 'O(N) where N is the number of specified fields',
    arguments: 'key:key#0 fields:block=FIELDS(numfields:integer *field:string)',
  },
  hvals: {
    summary: 'Get all the values in a hash',
    since: '2.0.0',
    complexity: 'O(N) where N is the size of the hash.',
    arguments: 'key:key#0',
  },
}
