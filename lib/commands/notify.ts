/** The classes of keyspace events: `notify-keyspace-events` says which of them are told. */

/** Classes of keyspace notification, as the letters of `notify-keyspace-events`. */
export const Notify = {
  Generic: 'g',
  String: '$',
  List: 'l',
  Set: 's',
  Hash: 'h',
  SortedSet: 'z',
  Expired: 'x',
  Evicted: 'e',
  Stream: 't',
  Array: 'a',
  Module: 'd',
  KeyMiss: 'm',
  New: 'n',
  Overwritten: 'o',
  TypeChanged: 'c',
} as const
export type NotifyClass = (typeof Notify)[keyof typeof Notify]
