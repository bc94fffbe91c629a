/** Command lines of cases and generators, turned into arguments. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { CommandLine } from '../dsl.ts'

/** Arguments of a command line; a line is split as redis-cli splits it: spaces, "quotes with \x00 \n escapes", 'quotes'. */
export function argvOf(command: CommandLine): Bytes[] {
  const argv = typeof command === 'string' ? splitLine(command) : [...command]
  for (const argument of argv) {
    for (let i = 0; i < argument.length; i++) {
      if (argument.charCodeAt(i) > 255) throw new Error(`not bytes: ${JSON.stringify(argument)}; use fromText`)
    }
  }
  return argv
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

function splitLine(line: string): Bytes[] {
  const argv: Bytes[] = []
  let i = 0
  for (;;) {
    while (line[i] === ' ') i++
    if (i >= line.length) return argv
    let word = ''
    while (i < line.length && line[i] !== ' ') {
      const quote = line[i]
      if (quote !== '"' && quote !== "'") {
        word += line[i++]
        continue
      }
      for (i++; line[i] !== quote; i++) {
        if (i >= line.length) throw new Error(`unbalanced quotes: ${line}`)
        if (line[i] !== '\\') word += line[i]
        else if (quote === "'") word += line[i + 1] === "'" ? line[++i] : '\\'
        else if (/^x[0-9a-fA-F]{2}/.test(line.slice(i + 1))) {
          word += String.fromCharCode(Number.parseInt(line.slice(i + 2, i + 4), 16))
          i += 3
        } else {
          i++
          word += ESCAPES[line[i]] ?? line[i]
        }
      }
      i++
    }
    argv.push(word)
  }
}
