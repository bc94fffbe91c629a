/** Commands that are asked for once more, and what each does that cannot be taken back. */

const DANGERS: readonly (readonly [RegExp, string])[] = [
  [/^FLUSHALL\b/, 'deletes every key of every database'],
  [/^FLUSHDB\b/, 'deletes every key of the database'],
  [/^SHUTDOWN\b/, 'ends the store'],
  [/^KEYS\b/, 'looks at every key at once, and holds up all others meanwhile'],
  [/^DEBUG\b/, 'may stop or end the store'],
  [/^SWAPDB\b/, 'puts one database in the place of another'],
  [/^(REPLICAOF|SLAVEOF)\b/, 'may replace all keys by those of another store'],
  [/^FAILOVER\b/, 'makes another store the master'],
  [/^CONFIG (SET|REWRITE|RESETSTAT)\b/, 'changes how the store runs'],
  [/^SCRIPT FLUSH\b/, 'forgets all scripts'],
  [/^FUNCTION (FLUSH|DELETE|RESTORE)\b/, 'takes functions away'],
  [/^ACL (SETUSER|DELUSER|LOAD)\b/, 'changes who may do what'],
  [/^CLIENT KILL\b/, 'ends connections of others'],
  [/^(MIGRATE|RESTORE)\b/, 'may replace keys'],
]

/** What a command does that wants to be asked for once more; undefined for all others. */
export function dangerOf(line: string): string | undefined {
  const command = line.trim().replace(/\s+/g, ' ').toUpperCase()
  return DANGERS.find(([pattern]) => pattern.test(command))?.[1]
}
