import { advance, contract, map, nil, ok, on, push, pushed, type Step, sends } from './dsl.ts'

/** A reader of all events of keys, in the classes given. */
const listens = (flags: string, pattern = '__key*__:*'): Step[] => [
  ['CONFIG SET notify-keyspace-events ' + flags, ok],
  sends('reader', ['PSUBSCRIBE', pattern]),
  pushed('reader', push(['psubscribe', pattern, 1])),
]

const heard = (channel: string, message: string, pattern = '__key*__:*'): Step =>
  pushed('reader', push(['pmessage', pattern, channel, message]))

/** The same event in both forms. */
const event = (key: string, name: string, db = 0): Step[] => [
  heard(`__keyspace@${db}__:${key}`, name),
  heard(`__keyevent@${db}__:${name}`, key),
]

export const cases = contract('notifications', {
  'K tells of the key, then E of the event': [...listens('KEA'), ['SET k v', ok], ...event('k', 'set')],
  'K alone sends to the channel of the key': [
    ...listens('KA'),
    ['SET k v', ok],
    heard('__keyspace@0__:k', 'set'),
    ['DEL k', 1],
    heard('__keyspace@0__:k', 'del'),
  ],
  'E alone sends to the channel of the event': [
    ...listens('EA'),
    ['SET k v', ok],
    heard('__keyevent@0__:set', 'k'),
    ['DEL k', 1],
    heard('__keyevent@0__:del', 'k'),
  ],
  'only the classes that are on are told of': [
    ...listens('Kl'),
    ['SET k v', ok],
    ['LPUSH l x', 1],
    heard('__keyspace@0__:l', 'lpush'),
    ['DEL l', 1],
    ['RPUSH l x', 1],
    heard('__keyspace@0__:l', 'rpush'),
  ],
  'without K and E nothing is sent': [
    ...listens('A'),
    ['SET k v', ok],
    ['CONFIG SET notify-keyspace-events KEA', ok],
    ['SET other v', ok],
    ...event('other', 'set'),
  ],
  'the database is part of the channel': [
    ...listens('KEA'),
    on('writer', 'SELECT 3', ok),
    on('writer', 'SET k v', ok),
    ...event('k', 'set', 3),
  ],
  'a command with several effects tells of each, in order': [
    ...listens('KEA'),
    ['SET k v EX 100', ok],
    ...event('k', 'set'),
    ...event('k', 'expire'),
    ['RENAME k other', ok],
    ...event('k', 'rename_from'),
    ...event('other', 'rename_to'),
    ['SADD s a', 1],
    ...event('s', 'sadd'),
    ['SMOVE s t a', 1],
    ...event('s', 'srem'),
    ...event('s', 'del'),
    ...event('t', 'sadd'),
  ],
  'a change that changes nothing is not told of': [
    ['SADD s a', 1],
    ...listens('KEA'),
    ['SADD s a', 0],
    ['DEL nothing', 0],
    ['PERSIST s', 0],
    ['SADD s b', 1],
    ...event('s', 'sadd'),
  ],
  'a key whose time has come is told of, whether or not anybody asks for it': [
    ...listens('KEx'),
    ['SET k v PX 50', ok],
    advance(200),
    ...event('k', 'expired'),
  ],
  'm tells of keys that a read did not find': [
    ...listens('KEm'),
    ['GET nothing', nil],
    ...event('nothing', 'keymiss'),
    ['EXISTS nothing', 0],
    ...event('nothing', 'keymiss'),
    ['OBJECT FREQ nothing', nil],
    ['SET k v', ok],
    ['TTL nothing', -2],
    ...event('nothing', 'keymiss'),
  ],
  'n tells of keys that are new, before what made them': [
    ...listens('KEn$'),
    ['SET k v', ok],
    ...event('k', 'new'),
    ...event('k', 'set'),
    ['SET k w', ok],
    ...event('k', 'set'),
  ],
  'A stands beside n, though CONFIG GET does not show it': [
    ...listens('AKEn'),
    ['CONFIG GET notify-keyspace-events', map(['notify-keyspace-events', 'AKE'])],
    ['SET k v', ok],
    ...event('k', 'new'),
    ...event('k', 'set'),
  ],
})
