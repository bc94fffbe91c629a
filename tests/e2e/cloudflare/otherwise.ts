/** What is otherwise in a Durable Object, and why. */

const NO_FILES = 'there are no files'
const TIME = 'time goes on meanwhile'

/** Cases of the contract by their titles. */
export const OTHERWISE: Readonly<Record<string, string>> = {
  'before the first one there is nothing to end and nothing to fetch': NO_FILES,
  'HEXPIRE and HPEXPIRE give fields a time to live': TIME,
}
