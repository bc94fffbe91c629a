import { describe, expect, it } from 'vitest'
import { fromText } from '../../lib/base/bytes.ts'
import {
  Double,
  MapReply,
  NULL_ARRAY,
  OK,
  PONG,
  type Reply,
  ReplyError,
  SetReply,
  Status,
} from '../../lib/base/reply.ts'
import {
  commandBody,
  errorBody,
  parseRequest,
  pipelineBody,
  Refusal,
  type RestCall,
  type RestRequest,
  tokenOf,
} from '../../lib/protocol/rest.ts'

function request(method: string, url: string, headers: Record<string, string> = {}): RestRequest {
  const [path, query = ''] = url.split(/\?(.*)/s)
  return { method, path, query, header: (name) => headers[name] }
}

/** The commands of a request, or the status and text of its refusal. */
function parse(method: string, url: string, body = '', headers: Record<string, string> = {}, maxPipeline = 0) {
  const call = parseRequest(request(method, url, headers), body, maxPipeline)
  if (call instanceof Refusal) return `${call.status} ${call.error.text}`
  return call.kind === 'stream' ? ['stream', call.command] : call.commands
}

const FAILED = '400 ERR failed to parse command'
const FAILED_PIPELINE = '400 ERR failed to parse pipeline request'

describe('a command in the body', () => {
  it.each([
    ['["SET","k","v"]', [['SET', 'k', 'v']]],
    [' [ "GET" , "k" ] ', [['GET', 'k']]],
    ['["a",true,false,null]', [['a', 'true', 'false', 'null']]],
    ['["a",1,-2,0]', [['a', '1', '-2', '0']]],
  ])('%s', (body, commands) => {
    expect(parse('POST', '/', body)).toEqual(commands)
  })

  it('keeps the digits of numbers as they are written', () => {
    const numbers = ['9007199254740993', '-9223372036854775808', '1.0', '1e3', '1E-2', '-0', '0.10', '1e400']
    expect(parse('POST', '/', `["a",${numbers.join(' ,')}]`)).toEqual([['a', ...numbers]])
  })

  it('is not led astray by what looks like numbers in strings', () => {
    expect(parse('POST', '/', '["1","\\"2",3,"-\\\\",4.50,"[5"]')).toEqual([['1', '"2', '3', '-\\', '4.50', '[5']])
  })

  it('takes strings as the bytes that they spell', () => {
    expect(parse('POST', '/', fromText('["é€😀"]'))).toEqual([[fromText('é€😀')]])
    expect(parse('POST', '/', '["\\u00e9\\u20ac\\ud83d\\ude00 \\u0041\\u0000\\u007f"]')).toEqual([
      [fromText('é€😀') + ' A\0\x7f'],
    ])
    expect(parse('POST', '/', '["\\\\u00e9","\\\\\\u00e9","\\u0022","\\u005c"]')).toEqual([
      ['\\u00e9', `\\${fromText('é')}`, '"', '\\'],
    ])
  })

  it('puts U+FFFD in the place of a lone surrogate', () => {
    const bad = '\xef\xbf\xbd'
    expect(parse('POST', '/', '["\\ud800","a\\udc00b","\\ud800\\ud83d\\ude00","\\ud800\\u0041"]')).toEqual([
      [bad, `a${bad}b`, bad + fromText('😀'), `${bad}A`],
    ])
  })

  it('keeps bytes that are not UTF-8', () => {
    expect(parse('POST', '/', '["SET","k","\xff\xfe\x80"]')).toEqual([['SET', 'k', '\xff\xfe\x80']])
    expect(parse('POST', '/', '["\xff\\u00e9\xff"]')).toEqual([[`\xff${fromText('é')}\xff`]])
  })

  it.each([
    '{',
    '["SET","k"',
    '{"SET":"k"}',
    '"SET"',
    'null',
    '12',
    '["SET",["k"],"v"]',
    '["SET",{"k":1}]',
    '["a",01]',
    '["a\0"]',
    "['a']",
    '["a"],',
    'SET k v',
    '\xef\xbb\xbf["a"]',
    '[["SET","k","v"]]',
    '['.repeat(1_000_000),
    `${'['.repeat(200_000)}${']'.repeat(200_000)}`,
  ])('refuses %.40s', (body) => {
    expect(parse('POST', '/', body)).toBe(FAILED)
  })

  it('refuses an empty one', () => {
    expect(parse('POST', '/', '[]')).toBe('400 ERR empty command')
    expect(parse('POST', '/', '')).toBe('400 ERR empty command')
    expect(parse('GET', '/', '')).toBe('400 ERR empty command')
  })
})

describe('a command in the path', () => {
  it.each([
    ['GET', '/get/foo', '', ['get', 'foo']],
    ['GET', '/set/foo/bar/EX/100', '', ['set', 'foo', 'bar', 'EX', '100']],
    ['PUT', '/set/foo?EX=100', 'bar', ['set', 'foo', 'bar', 'EX', '100']],
    ['POST', '/set/foo?EX=100&NX', '\x00\xff', ['set', 'foo', '\x00\xff', 'EX', '100', 'NX']],
    ['POST', '/set/foo?NX=&GET', 'v', ['set', 'foo', 'v', 'NX', 'GET']],
    ['HEAD', '/get/a%2Fb%20c%C3%A9', '', ['get', 'a/b cé'].map(fromText)],
    ['GET', '/get/%ff%00', '', ['get', '\xff\0']],
    ['GET', '/get/a+b', '', ['get', 'a+b']],
    ['GET', '/scan/0?match=a+b%2B*&count=5', '', ['scan', '0', 'match', 'a b+*', 'count', '5']],
    ['POST', '/eval?x=a=b=c', 'return 1', ['eval', 'return 1', 'x', 'a=b=c']],
    ['POST', '/set/foo?_token=secret&EX=1', 'v', ['set', 'foo', 'v', 'EX', '1']],
    ['GET', '/set/foo//EX/1', '', ['set', 'foo', '', 'EX', '1']],
    ['GET', '/get/foo/', '', ['get', 'foo']],
    ['POST', '/set/json', '["a",1]', ['set', 'json', '["a",1]']],
  ])('%s %s', (method, url, body, argv) => {
    expect(parse(method, url, body)).toEqual([argv])
  })

  it.each(['/get/%', '/get/%zz', '/get/%f', '/set/a/b?EX=%q'])('refuses %s', (url) => {
    expect(parse('GET', url)).toBe(FAILED)
  })

  it.each([
    ['/subscribe/a', ['subscribe', 'a']],
    ['/psubscribe/a*/b%2Fc/', ['psubscribe', 'a*', 'b/c']],
    ['/monitor', ['monitor']],
    ['/SUBSCRIBE/100%', ['SUBSCRIBE', '100%']],
  ])('%s asks for a stream, whose channels are in the path only', (url, command) => {
    expect(parse('POST', url, '[]')).toEqual(['stream', command])
    expect(parse('GET', url)).toEqual(['stream', command])
  })
})

describe('a pipeline', () => {
  it.each(['/pipeline', '/multi-exec', '/pipeline/'])('of %s', (path) => {
    expect(parse('POST', path, '[["SET","a",1.50],["GET","a"],[]]')).toEqual([['SET', 'a', '1.50'], ['GET', 'a'], []])
  })

  it.each([
    '["SET","a","b"]',
    '[["GET","a"],"b"]',
    '[[["GET","a"]]]',
    '[["GET",["a"]]]',
    '{}',
    '',
    'x',
    '[null]',
    '[[{}]]',
  ])('refuses %s', (body) => {
    expect(parse('POST', '/pipeline', body)).toBe(FAILED_PIPELINE)
    expect(parse('POST', '/multi-exec', body)).toBe(FAILED_PIPELINE)
  })

  it('refuses an empty one, and one that is too long', () => {
    expect(parse('POST', '/pipeline', '[]')).toBe('400 ERR empty pipeline request')
    expect(parse('POST', '/pipeline', '[["a"],["b"],["c"]]', {}, 2)).toBe('400 ERR max pipeline length exceeded')
    expect(parse('POST', '/pipeline', '[["a"],["b"]]', {}, 2)).toHaveLength(2)
  })

  it('is not read with GET', () => {
    expect(parse('GET', '/pipeline')).toMatch(/^405 /)
    expect(parse('HEAD', '/multi-exec')).toMatch(/^405 /)
  })
})

describe('the token', () => {
  it.each([
    [{ authorization: 'Bearer abc' }, '/', 'abc'],
    [{ authorization: 'bearer  abc ' }, '/', 'abc'],
    [{ authorization: 'Basic abc' }, '/', undefined],
    [{}, '/get/a?_token=a%2Bc&EX=1', 'a+c'],
    [{}, '/get/a?EX=1', undefined],
    [{ authorization: 'Bearer abc' }, '/?_token=other', 'abc'],
    [{ authorization: 'Basic abc' }, '/?_token=other', undefined],
    [{}, '/', undefined],
  ])('%o %s', (headers, url, token) => {
    expect(tokenOf(request('GET', url, headers as Record<string, string>))).toBe(token)
  })
})

describe('the response format', () => {
  const format = (headers: Record<string, string>, url = '/') => {
    const call = parseRequest(request('POST', url, headers), url === '/' ? '["PING"]' : '[["PING"]]', 0)
    return call instanceof Refusal ? call.status : (call as RestCall).format
  }

  it('is chosen by headers', () => {
    expect(format({})).toBe('json')
    expect(format({ 'upstash-encoding': 'base64' })).toBe('base64')
    expect(format({ 'upstash-encoding': 'gzip' })).toBe('json')
    expect(format({ 'upstash-response-format': 'json', 'upstash-encoding': 'base64' })).toBe('base64')
    expect(format({ 'upstash-response-format': 'resp2' })).toBe('resp2')
    expect(format({ 'upstash-response-format': 'resp2' }, '/pipeline')).toBe('resp2')
  })

  it('is refused where it cannot be had', () => {
    expect(format({ 'upstash-response-format': 'resp3' })).toBe(400)
    expect(format({ 'upstash-response-format': 'resp2', 'upstash-encoding': 'base64' })).toBe(400)
    expect(format({ 'upstash-response-format': 'resp2' }, '/multi-exec')).toBe(400)
  })
})

function text(body: string | Iterable<string>): string {
  return typeof body === 'string' ? body : [...body].join('')
}

const json = (reply: Reply) => text(commandBody(reply, 'json'))
const base64 = (reply: Reply) => text(commandBody(reply, 'base64'))

describe('a result', () => {
  it.each<[Reply, string]>([
    [OK, '"OK"'],
    [PONG, '"PONG"'],
    ['v', '"v"'],
    ['', '""'],
    ['"\\\n\0', '"\\"\\\\\\n\\u0000"'],
    [42, '42'],
    [9223372036854775807n, '9223372036854775807'],
    [null, 'null'],
    [NULL_ARRAY, 'null'],
    [true, '1'],
    [new Double(1.5), '"1.5"'],
    [new Double(-Infinity), '"-inf"'],
    [['a', 1, [null, OK]], '["a",1,[null,"OK"]]'],
    [new MapReply(['f', 'v', 'g', 1]), '["f","v","g",1]'],
    [new SetReply([]), '[]'],
    [['a', new ReplyError('ERR no')], '["a",{"error":"ERR no"}]'],
  ])('%o as JSON', (reply, expected) => {
    expect(json(reply)).toBe(`{"result":${expected}}`)
  })

  it('carries UTF-8, and U+FFFD for what is none', () => {
    expect(json(fromText('é€😀'))).toBe(`{"result":"${fromText('é€😀')}"}`)
    expect(json('a\xffb')).toBe('{"result":"a\xef\xbf\xbdb"}')
  })

  it('encodes strings at any depth as base64, but for OK at the top', () => {
    expect(base64(OK)).toBe('{"result":"OK"}')
    expect(base64(PONG)).toBe('{"result":"UE9ORw=="}')
    expect(base64('\xff\0')).toBe('{"result":"/wA="}')
    expect(base64([OK, 1, null, [new Double(0.5), new Status('QUEUED')]])).toBe(
      '{"result":["T0s=",1,null,["MC41","UVVFVUVE"]]}',
    )
    expect(base64(new ReplyError('ERR no'))).toBe('{"error":"ERR no"}')
  })

  it('keeps error texts readable', () => {
    expect(errorBody(new ReplyError(`ERR unknown command '${fromText('é')}"'`))).toBe(
      `{"error":"ERR unknown command '${fromText('é')}\\"'"}`,
    )
  })

  it('of any length leaves in parts without a break in a character', () => {
    for (const value of ['x'.repeat(1_000_000), fromText('€'.repeat(300_001)), `a${fromText('é'.repeat(200_000))}`]) {
      expect(json(value)).toBe(`{"result":"${value}"}`)
      expect(base64(value)).toBe(`{"result":"${btoa(value)}"}`)
    }
    const invalid = '\x80'.repeat(300_000)
    expect(json(invalid)).toBe(`{"result":"${'\xef\xbf\xbd'.repeat(300_000)}"}`)
    const many = Array.from({ length: 50_000 }, (_, i) => `item ${i}`)
    expect(JSON.parse(json(many))).toEqual({ result: many })
  })
})

describe('results of a pipeline', () => {
  it('stand in an array, each with its result or its error', () => {
    const replies = [OK, null, new ReplyError('ERR no'), ['a']]
    expect(pipelineBody(replies, 'json')).toBe('[{"result":"OK"},{"result":null},{"error":"ERR no"},{"result":["a"]}]')
    expect(pipelineBody([OK, [OK]], 'base64')).toBe('[{"result":"OK"},{"result":["T0s="]}]')
  })

  it('stand one after another in RESP2', () => {
    expect(pipelineBody([OK, 'v', null, new ReplyError('ERR no'), [1]], 'resp2')).toBe(
      '+OK\r\n$1\r\nv\r\n$-1\r\n-ERR no\r\n*1\r\n:1\r\n',
    )
  })

  it('are made as they are taken', () => {
    const big = 'x'.repeat(200_000)
    const parts = pipelineBody(new Array(1000).fill(big), 'json') as Iterable<string>
    let taken = 0
    for (const part of parts) if ((taken += part.length) > 1_000_000) break
    expect(taken).toBeLessThan(1_500_000)
    expect(JSON.parse(text(pipelineBody([big, 'a', big], 'json')))).toHaveLength(3)
    expect(text(pipelineBody([big, 'a'], 'resp2'))).toBe(`$200000\r\n${big}\r\n$1\r\na\r\n`)
  })
})
