/** What is accepted acts, or is marked as without effect: each directive is read by some code, or is inert. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DIRECTIVES } from '../../lib/config/directives.ts'

/** Read though they have no effect: INFO prints one, the environment knows the other by another name. */
const SHOWN = ['repl-backlog-size', 'upstream']

test('every directive is read by the code, or marked as without effect, and none is both', () => {
  const root = join(import.meta.dirname, '..', '..', 'lib')
  const code = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ts$/.test(path) && !/(^|\/)(docs|directives)\.ts$/.test(path))
    .map((path) => readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ''))
    .join('\n')
  const wrong = Object.entries(DIRECTIVES).flatMap(([name, entry]) => {
    const isInert = 'inert' in entry && entry.inert
    const reads = name.includes('-') ? `'${name}'` : `(config|values)\\.${name}\\b|\\b${name}\\b[^{}]*\\} = |'${name}'`
    const isRead = new RegExp(reads).test(code)
    if (isInert && name.includes('-') && isRead && !SHOWN.includes(name)) return [`${name} is read, but marked`]
    return isInert || isRead ? [] : [`${name} is not read, and not marked`]
  })
  expect(wrong).toEqual([])
})
