/** HOTKEYS (Redis 8.6). Replies and errors by Redis's documentation; the figures of an example are those of RESP. */
import { advance, anything, contract, type Expected, error, map, nil, ok, type Step, where } from './dsl.ts'

const SYNTAX = error('ERR syntax error')
const COUNT = error('ERR METRICS count must be > 0 and <= 2')
const START = 'HOTKEYS START METRICS'
const figure = where((number) => typeof number === 'number' && number >= 0, 'a figure')
/** Whatever was measured before is gone, and nobody measures. */
const FRESH: Step[] = [
  ['HOTKEYS STOP', anything],
  ['HOTKEYS RESET', ok],
]

interface Report {
  readonly active: 0 | 1
  readonly sample?: number
  readonly bytes: Expected
  readonly cpu?: Expected
  readonly net?: Expected
}

const report = ({ active, sample = 1, bytes, cpu, net }: Report): Expected => [
  map([
    ...['tracking-active', active, 'sample-ratio', sample, 'selected-slots', [[0, 16383]]],
    ...['all-commands-all-slots-us', figure, 'net-bytes-all-commands-all-slots', bytes],
    ...['collection-start-time-unix-ms', figure, 'collection-duration-ms', figure],
    ...(cpu === undefined ? [] : ['total-cpu-time-user-ms', figure, 'total-cpu-time-sys-ms', figure]),
    ...(net === undefined ? [] : ['total-net-bytes', bytes]),
    ...(cpu === undefined ? [] : ['by-cpu-time-us', cpu]),
    ...(net === undefined ? [] : ['by-net-bytes', net]),
  ]),
]
const noKeys: Expected = []
const keys = (...names: string[]) =>
  where(
    (list) => Array.isArray(list) && names.every((name) => list.includes(name)) && list.length === 2 * names.length,
    names.join(),
  )

export const cases = contract(
  'hotkeys',
  {
    'HOTKEYS counts bytes and time for keys': [
      ...FRESH,
      ['SET product:1 Laptop', ok],
      ['SET product:2 Phone', ok],
      [`${START} 2 CPU NET COUNT 10`, ok],
      ['GET product:1', 'Laptop'],
      ['GET product:1', 'Laptop'],
      ['GET product:2', 'Phone'],
      [
        'HOTKEYS GET',
        report({ active: 1, bytes: 119, cpu: keys('product:1', 'product:2'), net: ['product:1', 80, 'product:2', 39] }),
      ],
      ['PING', anything],
      ['HOTKEYS STOP', ok],
      ['GET product:2', 'Phone'],
      [
        'HOTKEYS GET',
        report({ active: 0, bytes: 119, cpu: keys('product:1', 'product:2'), net: ['product:1', 80, 'product:2', 39] }),
      ],
      ['HOTKEYS RESET', ok],
      ['HOTKEYS GET', nil],
    ],
    'one metric tells of itself': [
      ...FRESH,
      [`${START} 1 CPU`, ok],
      ['SET k v', ok],
      ['HOTKEYS GET', report({ active: 1, bytes: 32, cpu: keys('k') })],
      ['HOTKEYS STOP', ok],
      [`${START} 1 NET`, ok],
      ['SET k v', ok],
      ['HOTKEYS GET', report({ active: 1, bytes: 32, net: ['k', 32] })],
      ...FRESH,
    ],
    'a command is shared out among its keys, and a script by those that its call names': [
      ...FRESH,
      [`${START} 1 NET`, ok],
      ['MSET a 1 b 1', ok],
      [['EVAL', "redis.call('set', 'z', 1)", '1', 'c'], nil],
      ['HOTKEYS GET', where((reply) => /"c",6[35],"a",23,"b",23/.test(JSON.stringify(reply)), 'c, a and b')],
      ...FRESH,
    ],
    'no more keys than COUNT are told, those with most': [
      ...FRESH,
      [`${START} 1 NET COUNT 2`, ok],
      ['SET a 1', ok],
      ['SET b 22222', ok],
      ['SET c 333', ok],
      ['HOTKEYS GET', report({ active: 1, bytes: 102, net: ['b', 36, 'c', 34] })],
      ...FRESH,
    ],
    'DURATION ends it': [
      ...FRESH,
      [`${START} 1 NET DURATION 1`, ok],
      ['SET k v', ok],
      [`${START} 1 NET`, error('ERR hotkey tracking session already in progress')],
      advance(1500),
      ['HOTKEYS GET', report({ active: 0, bytes: 32, net: ['k', 32] })],
      ['HOTKEYS STOP', nil],
      ...FRESH,
    ],
    'SAMPLE counts the whole all the same': [
      ...FRESH,
      [`${START} 1 NET SAMPLE 1000000000`, ok],
      ['SET k v', ok],
      ['HOTKEYS GET', report({ active: 1, sample: 1000000000, bytes: 32, net: noKeys })],
      ...FRESH,
    ],
    'a metric that is not known is passed over beside one that is': [
      ...FRESH,
      [`${START} 2 GPU CPU`, ok],
      ['HOTKEYS GET', report({ active: 1, bytes: 0, cpu: noKeys })],
      ...FRESH,
    ],
    'HOTKEYS checks what it is given': [
      ...FRESH,
      ['HOTKEYS GET', nil],
      ['HOTKEYS STOP', nil],
      ['HOTKEYS START', error('ERR METRICS parameter is required')],
      ['HOTKEYS START METRICS', error('ERR METRICS parameter is required')],
      ['HOTKEYS START COUNT 1 METRICS 1 CPU', error('ERR METRICS parameter is required')],
      [`${START} 0`, COUNT],
      [`${START} -1`, COUNT],
      [`${START} x`, COUNT],
      [`${START} 3 CPU NET`, COUNT],
      [`${START} 2 CPU`, error('ERR METRICS count does not match number of metric types provided')],
      [`${START} 1`, error('ERR METRICS count does not match number of metric types provided')],
      [`${START} 2 CPU CPU`, error('ERR METRICS CPU defined more than once!')],
      [`${START} 2 net NET`, error('ERR METRICS NET defined more than once!')],
      [`${START} 1 GPU`, error('ERR METRICS no valid metrics passed. Supported: CPU|NET')],
      [`${START} 2 GPU NYET`, error('ERR METRICS no valid metrics passed. Supported: CPU|NET')],
      [`${START} 1 CPU NET`, SYNTAX],
      [`${START} 1 CPU COUNT`, SYNTAX],
      [`${START} 1 CPU COUNT 0`, error('ERR COUNT must be between 1 and 64')],
      [`${START} 1 CPU COUNT 65`, error('ERR COUNT must be between 1 and 64')],
      [`${START} 1 CPU DURATION 0`, error('ERR DURATION must be between 1 and 1000000')],
      [`${START} 1 CPU DURATION 1000001`, error('ERR DURATION must be between 1 and 1000000')],
      [`${START} 1 CPU SAMPLE 0`, error('ERR SAMPLE ratio must be positive')],
      [`${START} 1 CPU SLOTS 2 0 5`, error('ERR SLOTS parameter cannot be used in non-cluster mode')],
      ['HOTKEYS HELP', where((lines) => lines.includes('STOP') && lines.includes('RESET'), 'the lines')],
      ['HOTKEYS GET x', error("ERR wrong number of arguments for 'hotkeys|get' command")],
      ['HOTKEYS GET', nil],
      [`${START} 1 CPU`, ok],
      [`${START} x`, error('ERR hotkey tracking session already in progress')],
      ['HOTKEYS RESET', error('ERR hotkey tracking session in progress, stop tracking first')],
      ...FRESH,
    ],
  },
  { since: '8.6' },
)
