/** Documentation of the stream commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  xack: {
    summary:
      'Marks a pending message as correctly processed, effectively removing it from the pending entries list of the consumer group. Return value of the command is the number of messages successfully acknowledged, that is, the IDs we were actually able to resolve in the PEL.',
    since: '5.0.0',
    complexity: 'O(1) for each message ID processed.',
    arguments: 'key:key#0 group:string *id:string',
  },
  xackdel: {
    summary: 'Acknowledge entries of a consumer group and delete them from the stream',
    since: '8.2.0',
    complexity: 'O(1) for each entry to acknowledge and delete',
    arguments:
      'key:key#0 group:string ?condition:oneof(keepref:pure-token=KEEPREF delref:pure-token=DELREF acked:pure-token=ACKED) ids:block=IDS(numids:integer *id:string)',
  },
  xadd: {
    summary: 'Appends a new entry to a stream',
    since: '5.0.0',
    complexity: 'O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.',
    history: [
      ['6.2.0', 'Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option.'],
      ['7.0.0', 'Added support for the `<ms>-*` explicit ID form.'],
      ['8.2.0', 'Added the `KEEPREF`, `DELREF` and `ACKED` options.'],
      ['8.6.0', 'Added the `IDMP` and `IDMPAUTO` options.'],
    ],
    arguments:
      'key:key#0 ?nomkstream:pure-token^6.2.0=NOMKSTREAM ?condition:oneof^8.2.0(keepref:pure-token=KEEPREF delref:pure-token=DELREF acked:pure-token=ACKED) ?idmp:oneof^8.6.0(idmpauto:block=IDMPAUTO(producer-id:string) idmp:block=IDMP(producer-id:string idempotent-id:string)) ?trim:block(strategy:oneof(maxlen:pure-token=MAXLEN minid:pure-token^6.2.0=MINID) ?operator:oneof(equal:pure-token== approximately:pure-token=~) threshold:string ?count:integer^6.2.0=LIMIT) id_or_auto:oneof(auto_id:pure-token=* id:string) *field_value:block(field:string value:string)',
  },
  xautoclaim: {
    summary:
      'Changes (or acquires) ownership of messages in a consumer group, as if the messages were delivered to the specified consumer.',
    since: '6.2.0',
    complexity: 'O(1) if COUNT is small.',
    history: [
      ['7.0.0', 'Added an element to the reply array, containing deleted entries the command cleared from the PEL'],
    ],
    arguments:
      'key:key#0 group:string consumer:string min-idle-time:string start:string ?count:integer=COUNT ?justid:pure-token=JUSTID',
  },
  xcfgset: {
    summary: 'Sets how long and how many idempotent IDs a stream remembers.',
    since: '8.6.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 ?duration:integer=IDMP-DURATION ?maxsize:integer=IDMP-MAXSIZE',
  },
  xclaim: {
    summary:
      'Changes (or acquires) ownership of a message in a consumer group, as if the message was delivered to the specified consumer.',
    since: '5.0.0',
    complexity: 'O(log N) with N being the number of messages in the PEL of the consumer group.',
    arguments:
      'key:key#0 group:string consumer:string min-idle-time:string *id:string ?ms:integer=IDLE ?unix-time-milliseconds:unix-time=TIME ?count:integer=RETRYCOUNT ?force:pure-token=FORCE ?justid:pure-token=JUSTID ?id:string=LASTID',
  },
  xdel: {
    summary:
      'Removes the specified entries from the stream. Returns the number of items actually deleted, that may be different from the number of IDs passed in case certain IDs do not exist.',
    since: '5.0.0',
    complexity: 'O(1) for each single item to delete in the stream, regardless of the stream size.',
    arguments: 'key:key#0 *id:string',
  },
  xdelex: {
    summary: 'Delete entries of a stream, and decide what becomes of references to them in consumer groups',
    since: '8.2.0',
    complexity: 'O(1) for each entry to delete',
    arguments:
      'key:key#0 ?condition:oneof(keepref:pure-token=KEEPREF delref:pure-token=DELREF acked:pure-token=ACKED) ids:block=IDS(numids:integer *id:string)',
  },
  xgroup: {
    summary: 'A container for consumer groups commands',
    since: '5.0.0',
    complexity: 'Depends on subcommand.',
  },
  'xgroup|create': {
    summary: 'Create a consumer group.',
    since: '5.0.0',
    complexity: 'O(1)',
    history: [['7.0.0', 'Added the `entries_read` named argument.']],
    arguments:
      'key:key#0 groupname:string id:oneof(id:string new_id:pure-token=$) ?mkstream:pure-token=MKSTREAM ?entries_read:integer=ENTRIESREAD',
  },
  'xgroup|createconsumer': {
    summary: 'Create a consumer in a consumer group.',
    since: '6.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 groupname:string consumername:string',
  },
  'xgroup|delconsumer': {
    summary: 'Delete a consumer from a consumer group.',
    since: '5.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 groupname:string consumername:string',
  },
  'xgroup|destroy': {
    summary: 'Destroy a consumer group.',
    since: '5.0.0',
    complexity: "O(N) where N is the number of entries in the group's pending entries list (PEL).",
    arguments: 'key:key#0 groupname:string',
  },
  'xgroup|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'xgroup|setid': {
    summary: 'Set a consumer group to an arbitrary last delivered ID value.',
    since: '5.0.0',
    complexity: 'O(1)',
    history: [['7.0.0', 'Added the optional `entries_read` argument.']],
    arguments: 'key:key#0 groupname:string id:oneof(id:string new_id:pure-token=$) ?entries_read:integer=ENTRIESREAD',
  },
  xidmprecord: {
    summary: 'An internal command for replicating the idempotent IDs of a stream.',
    since: '8.6.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 producer-id:string idempotent-id:string stream-id:string',
  },
  xnack: {
    summary:
      "Releases pending messages back to the group's PEL without acknowledging them, making them available for re-delivery.",
    since: '8.8.0',
    complexity: 'O(1) for each message ID processed.',
    arguments:
      'key:key#0 group:string mode:oneof(silent:pure-token=SILENT fail:pure-token=FAIL fatal:pure-token=FATAL) ids:block=IDS(numids:integer *id:string) ?count:integer=RETRYCOUNT ?force:pure-token=FORCE',
  },
  xinfo: {
    summary: 'A container for stream introspection commands',
    since: '5.0.0',
    complexity: 'Depends on subcommand.',
  },
  'xinfo|consumers': {
    summary: 'List the consumers in a consumer group',
    since: '5.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 groupname:string',
  },
  'xinfo|groups': {
    summary: 'List the consumer groups of a stream',
    since: '5.0.0',
    complexity: 'O(1)',
    history: [['7.0.0', 'Added the `entries-read` and `lag` fields']],
    arguments: 'key:key#0',
  },
  'xinfo|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'xinfo|stream': {
    summary: 'Get information about a stream',
    since: '5.0.0',
    complexity: 'O(1)',
    history: [
      ['6.0.0', 'Added the `FULL` modifier.'],
      [
        '7.0.0',
        'Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields',
      ],
    ],
    arguments: 'key:key#0 ?full:block=FULL(?count:integer=COUNT)',
  },
  xlen: {
    summary: 'Return the number of entries in a stream',
    since: '5.0.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  xpending: {
    summary:
      'Return information and entries from a stream consumer group pending entries list, that are messages fetched but never acknowledged.',
    since: '5.0.0',
    complexity:
      'O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.',
    history: [['6.2.0', 'Added the `IDLE` option and exclusive range intervals.']],
    arguments:
      'key:key#0 group:string ?filters:block(?min-idle-time:integer^6.2.0=IDLE start:string end:string count:integer ?consumer:string)',
  },
  xrange: {
    summary: 'Return a range of elements in a stream, with IDs matching the specified IDs interval',
    since: '5.0.0',
    complexity:
      'O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).',
    history: [['6.2.0', 'Added exclusive ranges.']],
    arguments: 'key:key#0 start:string end:string ?count:integer=COUNT',
  },
  xread: {
    summary:
      'Return never seen elements in multiple streams, with IDs greater than the ones reported by the caller for each stream. Can block.',
    since: '5.0.0',
    complexity:
      'For each stream mentioned: O(N) with N being the number of elements being returned, it means that XREAD-ing with a fixed COUNT is O(1). Note that when the BLOCK option is used, XADD will pay O(M) time in order to serve the M clients blocked on the stream getting new data.',
    history: [['8.10.0', 'Added the `MAXCOUNT` and `MAXSIZE` options.']],
    arguments:
      '?count:integer=COUNT ?maxcount:integer^8.10.0=MAXCOUNT ?maxsize:integer^8.10.0=MAXSIZE ?milliseconds:integer=BLOCK streams:block=STREAMS(*key:key#0 *id:string)',
  },
  xreadgroup: {
    summary:
      'Return new entries from a stream using a consumer group, or access the history of the pending entries for a given consumer. Can block.',
    since: '5.0.0',
    complexity:
      'For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.',
    history: [
      ['8.4.0', 'Added the `CLAIM` option.'],
      ['8.10.0', 'Added the `MAXCOUNT` and `MAXSIZE` options.'],
    ],
    arguments:
      'group_consumer:block=GROUP(group:string consumer:string) ?count:integer=COUNT ?maxcount:integer^8.10.0=MAXCOUNT ?maxsize:integer^8.10.0=MAXSIZE ?milliseconds:integer=BLOCK ?min-idle-time:integer^8.4.0=CLAIM ?noack:pure-token=NOACK streams:block=STREAMS(*key:key#0 *id:string)',
  },
  xrevrange: {
    summary:
      'Return a range of elements in a stream, with IDs matching the specified IDs interval, in reverse order (from greater to smaller IDs) compared to XRANGE',
    since: '5.0.0',
    complexity:
      'O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).',
    history: [['6.2.0', 'Added exclusive ranges.']],
    arguments: 'key:key#0 end:string start:string ?count:integer=COUNT',
  },
  xsetid: {
    summary: 'An internal command for replicating stream values',
    since: '5.0.0',
    complexity: 'O(1)',
    history: [['7.0.0', 'Added the `entries_added` and `max_deleted_entry_id` arguments.']],
    arguments:
      'key:key#0 last-id:string ?entries_added:integer^7.0.0=ENTRIESADDED ?max_deleted_entry_id:string^7.0.0=MAXDELETEDID',
  },
  xtrim: {
    summary: "Trims the stream to (approximately if '~' is passed) a certain size",
    since: '5.0.0',
    complexity:
      'O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.',
    history: [
      ['6.2.0', 'Added the `MINID` trimming strategy and the `LIMIT` option.'],
      ['8.2.0', 'Added the `KEEPREF`, `DELREF` and `ACKED` options.'],
    ],
    arguments:
      'key:key#0 trim:block(strategy:oneof(maxlen:pure-token=MAXLEN minid:pure-token^6.2.0=MINID) ?operator:oneof(equal:pure-token== approximately:pure-token=~) threshold:string ?count:integer^6.2.0=LIMIT) ?condition:oneof^8.2.0(keepref:pure-token=KEEPREF delref:pure-token=DELREF acked:pure-token=ACKED)',
  },
}
