/** Scripts with a flag that only Upstash knows. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { UpstashScripts } from '../../lib/upstream/upstashscripts.ts'

const sha1 = (script: string): string => createHash('sha1').update(script, 'latin1').digest('hex')

test.each([
  ['#!lua flags=allow-key-locking\nreturn 1', '#!lua\nreturn 1'],
  ['#!lua flags=no-writes,allow-key-locking\nreturn 1', '#!lua flags=no-writes\nreturn 1'],
  ['#!lua name=x flags=allow-key-locking\nreturn 1', '#!lua name=x\nreturn 1'],
])('%j leaves as %j, and its digest leads there', (script, sent) => {
  const scripts = new UpstashScripts()
  expect(scripts.request('evalsha', ['EVALSHA', sha1(script), '0'])).toEqual(['EVALSHA', sha1(script), '0'])
  expect(scripts.request('eval', ['EVAL', script, '0', script])).toEqual(['EVAL', sent, '0', script])
  expect(scripts.request('evalsha', ['EVALSHA', sha1(script).toUpperCase(), '0'])).toEqual(['EVALSHA', sha1(sent), '0'])
  expect(scripts.request('script|load', ['SCRIPT', 'LOAD', script])).toEqual(['SCRIPT', 'LOAD', sent])
  expect(scripts.reply('script|load', ['SCRIPT', 'LOAD', script], sha1(sent))).toBe(sha1(script))
  expect(scripts.request('script|exists', ['SCRIPT', 'EXISTS', 'other', sha1(script)])).toEqual([
    'SCRIPT',
    'EXISTS',
    'other',
    sha1(sent),
  ])
})

test.each(['return "allow-key-locking"', '#!lua flags=no-writes\n-- allow-key-locking'])(
  '%j leaves as it is',
  (script) => {
    const argv = ['EVAL', script, '0']
    expect(new UpstashScripts().request('eval', argv)).toBe(argv)
  },
)
