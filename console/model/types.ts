/** The types of values, by the names that TYPE gives them. */

export interface TypeName {
  /** As TYPE answers. */
  readonly name: string
  /** As people call it. */
  readonly label: string
}

export const TYPES: readonly TypeName[] = [
  { name: 'string', label: 'string' },
  { name: 'hash', label: 'hash' },
  { name: 'list', label: 'list' },
  { name: 'set', label: 'set' },
  { name: 'zset', label: 'sorted set' },
  { name: 'stream', label: 'stream' },
  { name: 'ReJSON-RL', label: 'JSON' },
  { name: 'array', label: 'array' },
]

export function typeLabel(name: string): string {
  return TYPES.find((type) => type.name === name)?.label ?? name
}

/** The class of a badge. */
export function typeClass(name: string): string {
  return `type type-${name === 'ReJSON-RL' ? 'json' : name.replace(/[^a-z]/g, '')}`
}
