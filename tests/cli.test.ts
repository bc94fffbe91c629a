import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { configOf, unknownVariables, variableWarnings } from '../lib/config/environment.ts'
import {
  parseArguments,
  runtimeRefusal,
  type Startup,
  StartupError,
  startFailure,
  startUp,
} from '../lib/host/startup.ts'
import { formatJsonLine, formatLogLine, isLogged } from '../lib/observability/log.ts'
import { DoorError } from '../lib/server/doors.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cli-')))
afterAll(() => rmSync(folder, { recursive: true }))

const start = (argv: readonly string[], environment: Record<string, string> = {}): Startup =>
  startUp(parseArguments(argv), environment)

function failure(argv: readonly string[], environment: Record<string, string> = {}): string {
  try {
    start(argv, environment)
  } catch (error) {
    if (error instanceof StartupError) return error.message
    throw error
  }
  throw new Error('it started')
}

const fatal = (line: number, text: string, reason: string): string =>
  `\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\nReading the configuration file, at line ${line}\n>>> '${text}'\n${reason}`
const fatalIn = (source: string, text: string, reason: string): string =>
  `\n*** FATAL CONFIG ERROR (Redis 7.4.1) ***\nReading ${source}\n>>> '${text}'\n${reason}`
const fatalOption = (text: string, reason: string): string => fatalIn('the command line', text, reason)

describe('arguments', () => {
  test('are lines of a redis.conf, each value quoted', () => {
    expect(parseArguments(['--port', '6380', '--save', '900', '1', '--requirepass', 'a b'])).toEqual({
      wants: 'run',
      file: undefined,
      fromStdin: false,
      options: 'port "6380"\nsave "900" "1"\nrequirepass "a b"',
    })
  })

  test('begin with a file that has no dashes; a lone dash at either end is standard input', () => {
    expect(parseArguments(['x.conf', '--hz', '20'])).toMatchObject({ file: 'x.conf', options: 'hz "20"' })
    expect(parseArguments(['-', '--hz', '20'])).toMatchObject({ fromStdin: true, options: 'hz "20"' })
    expect(parseArguments(['--hz', '20', '-'])).toMatchObject({ fromStdin: true, options: 'hz "20"' })
  })

  test('take a word with dashes for a value where a value is due, but for --save', () => {
    expect(parseArguments(['--requirepass', '--hz']).options).toBe('requirepass "--hz"')
    expect(parseArguments(['--save', '--hz', '20']).options).toBe('save ""\nhz "20"')
    expect(parseArguments(['--hz', '20', '--save']).options).toBe('hz "20"\nsave ""')
    expect(parseArguments(['--save', '']).options).toBe('save ""')
  })

  test('may be written with an equals sign', () => {
    expect(parseArguments(['--port=6380', '--hz', '20']).options).toBe('port "6380"\nhz "20"')
    expect(parseArguments(['--foo=bar']).options).toBe('foo=bar')
  })

  test('that ask a question are told apart', () => {
    const asked = ['-v', '--version', '-h', '--help', '--test-memory', '--check-system'].map(
      (word) => parseArguments([word]).wants,
    )
    expect(asked).toEqual(['version', 'version', 'help', 'help', 'memory test', 'system check'])
  })
})

describe('what a process cannot start with', () => {
  test('is a Node that is too old', () => {
    expect(runtimeRefusal({ node: '18.20.8' })).toBe('zerodis needs Node 20.19 or later; this is 18.20.8.')
    expect(runtimeRefusal({ node: '20.18.3' })).toMatch(/needs Node 20\.19/)
    expect(['20.19.0', '22.0.0', '24.1.0'].map((node) => runtimeRefusal({ node }))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('is a token that no header can carry, or one for both rights', () => {
    const error = '\n*** FATAL CONFIG ERROR (Redis 7.4.1) ***\n'
    expect(failure(['--rest-token', 'a b'])).toBe(`${error}rest-token may hold no blank and no control character`)
    expect(failure([], { KV_REST_API_READ_ONLY_TOKEN: 'a\tb' })).toMatch(/\nrest-read-only-token may hold no blank/)
    expect(failure(['--rest-token', 't', '--rest-read-only-token', 't'])).toMatch(/must not be the rest-token/)
  })
})

describe('what a process starts with', () => {
  test('is laid over in order: defaults, file, environment, arguments', () => {
    const file = join(folder, 'a.conf')
    writeFileSync(file, 'port 1\nhz 11\ntimeout 1\nsave 900 1')
    const { config, configFile } = start([file, '--port', '3'], {
      ZERODIS_PORT: '2',
      ZERODIS_HZ: '12',
      ZERODIS_SAVE: '5 5 6 6',
    })
    const { port, hz, timeout, maxclients } = config.values
    expect([port, hz, timeout, maxclients]).toEqual([3, 12, 1, 10000])
    expect(config.text('save')).toBe('5 5 6 6')
    expect(configFile).toBe(file)
  })

  test('knows the names that other programs use in the environment; our own win', () => {
    const { values } = start([], { PORT: '9', UPSTASH_REDIS_REST_TOKEN: 'u', SRH_TOKEN: 's' }).config
    expect([values['http-port'], values['rest-token']]).toEqual([9, 'u'])
    const ours = start([], { PORT: '9', ZERODIS_HTTP_PORT: '8', KV_REST_API_TOKEN: 'k', ZERODIS_REST_TOKEN: 'z' })
    expect([ours.config.values['http-port'], ours.config.values['rest-token']]).toEqual([8, 'z'])
    expect(start([], { KV_REST_API_TOKEN: '' }).config.values['rest-token']).toBe('')
    expect(unknownVariables({ ZERODIS_PROT: '1', ZERODIS_PORT: '1', PATH: '' })).toEqual(['ZERODIS_PROT'])
    expect(variableWarnings({ ZERODIS_MAXMEMROY: '1', ZERODIS_FRUIT_BASKET: '1', ZERODIS_HTTP_PORT: '1' })).toEqual([
      { warning: 'Unknown variable ZERODIS_MAXMEMROY is ignored. Did you mean ZERODIS_MAXMEMORY?', isSlip: true },
      { warning: 'Unknown variable ZERODIS_FRUIT_BASKET is ignored.', isSlip: false },
    ])
  })

  test('may be text of any script, in any place', () => {
    const { values } = start(['--requirepass', 'pä ss'], { ZERODIS_REST_TOKEN: '鍵' }).config
    expect([values.requirepass, values['rest-token']].map((bytes) => Buffer.from(bytes, 'latin1').toString())).toEqual([
      'pä ss',
      '鍵',
    ])
  })

  test('keeps renamed commands for the store to be', () => {
    expect(start(['--rename-command', 'CONFIG', '', '--rename-command', 'get', 'fetch']).renamedCommands).toEqual([
      ['CONFIG', ''],
      ['get', 'fetch'],
    ])
  })
})

describe('a start that cannot be says so in Redis’s words', () => {
  test.each([
    [['--foo', 'bar'], fatalOption('foo "bar"', 'Bad directive or wrong number of arguments')],
    [['-x'], fatalOption('"-x"', 'Bad directive or wrong number of arguments')],
    [['--port'], fatalOption('port', 'wrong number of arguments')],
    [['--port', '1', '2'], fatalOption('port "1" "2"', 'wrong number of arguments')],
    [['--port', 'abc'], fatalOption('port "abc"', "argument couldn't be parsed into an integer")],
    [['--hz', '5', '--maxmemory', '1x'], fatalOption('maxmemory "1x"', 'argument must be a memory value')],
    [['--save', '900', '--port', '1'], fatalOption('save "900"', 'Invalid save parameters')],
    [
      ['--rename-command', 'foo', 'bar'],
      fatalOption('rename-command "foo" "bar"', 'No such command in rename-command'),
    ],
    [
      ['--rename-command', 'get', 'SET'],
      fatalOption('rename-command "get" "SET"', 'Target command name already exists'),
    ],
    [['--dir', '/nonexistent'], fatalOption('dir "/nonexistent"', 'No such file or directory')],
    [
      ['--logfile', '/nonexistent/x'],
      "\n*** FATAL CONFIG FILE ERROR (Redis 7.4.1) ***\nCan't open the log file: No such file or directory",
    ],
  ])('%j', (argv, message) => expect(failure(argv)).toBe(message))

  test.each([
    [{ PORT: 'abc' }, 'PORT', 'PORT=abc', "argument couldn't be parsed into an integer"],
    [{ ZERODIS_HTTP_PORT: '-1', PORT: '1' }, 'ZERODIS_HTTP_PORT', 'ZERODIS_HTTP_PORT=-1', /between 0 and 65535/],
    [{ ZERODIS_HZ: '5', ZERODIS_MAXMEMORY: '1x' }, 'ZERODIS_MAXMEMORY', 'ZERODIS_MAXMEMORY=1x', /memory value/],
    [{ ZERODIS_SAVE: '900' }, 'ZERODIS_SAVE', 'ZERODIS_SAVE=900', 'Invalid save parameters'],
    [{ ZERODIS_DIR: '/nonexistent' }, 'ZERODIS_DIR', 'ZERODIS_DIR=/nonexistent', 'No such file or directory'],
  ] as const)('with the name of the variable: %j', (environment, variable, text, reason) => {
    const file = join(folder, 'good.conf')
    writeFileSync(file, 'hz 11\n')
    const message = failure([file, '--timeout', '1'], environment)
    const start = fatalIn(`the environment variable ${variable}`, text, '')
    expect(message.slice(0, start.length)).toBe(start)
    if (typeof reason === 'string') expect(message.slice(start.length)).toBe(reason)
    else expect(message.slice(start.length)).toMatch(reason)
  })

  test('for a directory that may not be entered', () => {
    const denied = Object.assign(new Error('EACCES: permission denied, chdir'), { code: 'EACCES', syscall: 'chdir' })
    const enter = vi.spyOn(process, 'chdir').mockImplementation(() => {
      throw denied
    })
    try {
      expect(failure(['--dir', folder])).toBe(fatalOption(`dir "${folder}"`, 'Permission denied'))
    } finally {
      enter.mockRestore()
    }
  })

  test('but not for one whose name is not ASCII', () => {
    const named = join(folder, 'dätä Ł')
    mkdirSync(named)
    const enter = vi.spyOn(process, 'chdir').mockImplementation(() => {})
    try {
      start(['--dir', named])
      expect(enter).toHaveBeenCalledWith(named)
    } finally {
      enter.mockRestore()
    }
  })

  test('in a line where the system refuses anything else, and with a stack where the fault is ours', () => {
    const gone = Object.assign(new Error('ENOENT: no such file or directory, uv_cwd\nlong story'), {
      syscall: 'uv_cwd',
    })
    expect(startFailure(gone)).toBe('Fatal error at the start: ENOENT: no such file or directory, uv_cwd')
    expect(startFailure(new DoorError('port taken'))).toBe('port taken')
    expect(startFailure(new TypeError('ours'))).toBe(undefined)
  })

  test('with the line of the file', () => {
    const file = join(folder, 'bad.conf')
    writeFileSync(file, 'port 1\n# c\nfoo bar baz\n')
    expect(failure([file])).toBe(fatal(3, 'foo bar baz', 'Bad directive or wrong number of arguments'))
    expect(() => start([join(folder, 'gone.conf')])).toThrow(
      `Fatal error, can't open config file '${folder}/gone.conf': No such file or directory`,
    )
  })
})

test('a store that the environment alone configures names the variable, too', () => {
  expect(() => configOf({ ZERODIS_MAXMEMORY: '1x' })).toThrow(/^ZERODIS_MAXMEMORY: .*memory value/)
  expect(configOf({ ZERODIS_HZ: '20', SRH_TOKEN: 't', VERCEL: '1' }).values).toMatchObject({
    hz: 20,
    'rest-token': 't',
    'sse-max-duration': 290,
  })
})

describe('the log', () => {
  test('has Redis’s form', () => {
    const at = new Date(2026, 10, 5, 9, 3, 7, 45)
    expect(formatLogLine(12, 'M', at, 'notice', 'Ready')).toBe('12:M 05 Nov 2026 09:03:07.045 * Ready\n')
    expect(formatLogLine(12, 'C', at, 'warning', 'x')).toBe('12:C 05 Nov 2026 09:03:07.045 # x\n')
  })

  test('has one object of JSON a line, whatever the message holds', () => {
    const line = formatJsonLine(12, 'M', new Date('2026-11-05T09:03:07.045Z'), 'warning', 'a "b"\n\u2028c')
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(JSON.parse(line)).toEqual({
      time: '2026-11-05T09:03:07.045Z',
      level: 'warning',
      pid: 12,
      role: 'master',
      message: 'a "b"\n\u2028c',
    })
  })

  test('says what loglevel lets through', () => {
    expect(isLogged('verbose', 'notice')).toBe(false)
    expect(isLogged('notice', 'notice')).toBe(true)
    expect(isLogged('warning', 'nothing')).toBe(false)
  })
})
