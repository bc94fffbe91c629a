/**
 * The text of an ACL file: one user a line, as in `user alice on >secret ~* +@all`. What is wrong is told in one line, all
 * of it, in Redis's words, which do not repeat what might be a password.
 */
import type { Bytes } from '../base/bytes.ts'
import { hasBlanks, joinSelectors, type RuleBook, RuleFault, Unclosed } from './acl-rules.ts'
import { User } from './acl-user.ts'

const NOTHING_CHANGED = 'WARNING: ACL errors detected, no change to the previously active ACL rules was performed'

/** The users of a text, by name; or its faults. `file` is named in them. */
export function parseUsers(text: Bytes, file: Bytes, book: RuleBook): Map<Bytes, User> | Bytes {
  const users = new Map<Bytes, User>()
  const seen = new Set<Bytes>()
  let faults = ''
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
    if (line === '') continue
    const [keyword, name, ...words] = line.split(' ')
    const place = `${file}:${i + 1}`
    if (keyword !== 'user' || name === undefined) {
      faults += `${place} should start with user keyword followed by the username. `
    } else if (hasBlanks(name)) {
      faults += `'${place}: username '${name}' contains invalid characters. `
    } else if (seen.has(name)) {
      faults += `WARNING: Duplicate user '${name}' found on line ${i + 1}. `
    } else {
      seen.add(name)
      const user = parseUser(name, words, place, book)
      if (user instanceof User) users.set(name, user)
      else faults += user
    }
  }
  return faults === '' ? users : faults + NOTHING_CHANGED
}

function parseUser(name: Bytes, words: readonly Bytes[], place: Bytes, book: RuleBook): User | Bytes {
  const rules = joinSelectors(words)
  if (rules instanceof Unclosed) return `${place}: Unmatched parenthesis in selector definition.`
  const user = new User(name, book)
  let faults = ''
  let hasOther = false
  for (const rule of rules) {
    const trimmed = rule.replace(/^[\t\r\n]+|[\t\r\n]+$/g, '')
    const fault = user.follow(trimmed)
    if (fault === undefined) continue
    if (fault === RuleFault.Unknown) {
      faults += `${place}: Error in applying operation '${trimmed}': ${fault}. `
    } else if (!hasOther) {
      // What follows from the first of these need not be told.
      hasOther = true
      faults += `${place}: ${fault}. `
    }
  }
  return faults === '' ? user : faults
}
