/** JSON as text, set out anew without being read into numbers: those past 2^53 keep their digits, and doubled names stay. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** With a line for each member. */
export function indented(text: string): string {
  const tokens = text.match(TOKEN) ?? []
  let [out, depth] = ['', 0]
  tokens.forEach((token, i) => {
    const next = tokens[i + 1]
    if (token === '{' || token === '[') {
      out += token
      if (next === '}' || next === ']') return
      out += lineAt(++depth)
    } else if (token === '}' || token === ']') {
      const before = tokens[i - 1]
      if (before !== '{' && before !== '[') out += lineAt(--depth)
      out += token
    } else if (token === ',') out += `,${lineAt(depth)}`
    else out += token === ':' ? ': ' : token
  })
  return out
}

/** Without white space. */
export function compact(text: string): string {
  return (text.match(TOKEN) ?? []).join('')
}

function lineAt(depth: number): string {
  return `\n${'  '.repeat(depth)}`
}
