/**
 * The fenced blocks of a page of the documentation, as programs. A block of `ts` becomes a module of its own; where a line ends in
 * a comment that is a value (`await redis.get('k') // 'v'`), the module checks that the expression has it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..', '..')

export interface Snippet {
  /** Path of the page from the root. */
  readonly page: string
  /** Of the fence, from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm

export function snippetsOf(page: string): readonly Snippet[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(FENCE)].map((match) => {
    return { page, line: text.slice(0, match.index).split('\n').length, language: match[1], text: match[2] }
  })
}

/** The file of a framework that a block names in its first line: `// app/api/x/route.ts`. */
export function fileNamed({ text }: Snippet): string | undefined {
  return /^\/\/ ((?:app|pages)\/\S+|instrumentation)\.tsx?\n/.exec(text)?.[1]
}

const STATEMENT = /^(\s*)((?:const (\w+) = )?)(.+?)\s+\/\/ (.+)$/

export interface Program {
  readonly code: string
  /** How many values it checks. */
  readonly checks: number
}

/** A block as a module. `check(actual, expected, line)` is a global of whoever runs it. */
export function programOf({ text }: Snippet): Program {
  let checks = 0
  const lines = text.split('\n').map((line) => {
    const match = STATEMENT.exec(line)
    if (match === null || !isValue(match[5])) return line
    const [, indent, declaration, name, expression, expected] = match
    checks++
    const quoted = JSON.stringify(line.trim())
    if (name === undefined) return `${indent};check(${expression}, ${expected}, ${quoted})`
    return `${indent}${declaration}${expression};check(${name}, ${expected}, ${quoted})`
  })
  return { code: `${lines.join('\n')}\nexport {}\n`, checks }
}

/** True for a comment that is a literal and nothing else. */
function isValue(comment: string): boolean {
  if (!/^(['"[{]|-?\d|null$|true$|false$|Buffer\.from\()/.test(comment)) return false
  try {
    new Function(`return (${comment})`)
    return true
  } catch {
    return false
  }
}

/** The commands of a block of shell, each by itself and without what is said of it. */
export function linesOf({ text }: Snippet): readonly string[] {
  return text
    .split('\n')
    .flatMap((line) => line.replace(/\s+# .*$/, '').split(' && '))
    .filter((line) => line !== '')
}

/** A snippet in JavaScript, as the examples are: without types of parameters, and without imports of types. */
export function withoutTypes(text: string): string {
  return text
    .replace(/, \{ type .+ \}(?= from)/g, '')
    .replace(/: (?:FastifyRequest|FastifyReply|\{ request: Request \})(?=[,)])/g, '')
}
