/** What a line of an import must be; the schema comes with the first file that is imported. */
import * as z from 'zod/mini'
import { type Bytes, fromBase64, fromText } from '../wire/bytes.ts'

/** A key that is to be brought in. */
export interface ImportLine {
  readonly key: Bytes
  /** Unit: ms; 0 for a key without an expiry. */
  readonly ttl: number
  /** As DUMP gives it. */
  readonly dump: Bytes
}

const packed = z.pipe(
  z.string(),
  z.transform((text: string, context): Bytes => {
    const bytes = fromBase64(text)
    if (bytes === undefined) context.issues.push({ code: 'custom', message: 'no base64', input: text })
    return bytes ?? ''
  }),
)
const name = z.union([
  z.pipe(z.string(), z.transform(fromText)),
  z.pipe(
    z.object({ base64: packed }),
    z.transform(({ base64 }): Bytes => base64),
  ),
])
const schema = z.object({ key: name, ttl: z._default(z.int().check(z.nonnegative()), 0), dump: packed })

/** What each field is to be, for who has made it something else. */
const WANTED: ReadonlyMap<unknown, string> = new Map([
  ['key', 'is to be text, or {"base64": …}'],
  ['ttl', 'is to be a whole number of milliseconds, or left out'],
  ['dump', 'is to be what DUMP gives, in base64'],
])

/** @throws Error that says what is wrong, and in which field */
export function importLine(text: string): ImportLine {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    throw new Error('it is no JSON.')
  }
  const parsed = schema.safeParse(line)
  if (parsed.success) return parsed.data
  const [{ path }] = parsed.error.issues
  const [field] = path
  throw new Error(
    field === undefined ? 'it is to be an object with key and dump.' : `${String(field)} ${WANTED.get(field)}.`,
  )
}
