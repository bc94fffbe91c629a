/** What the gates let pass, and why. */

const SYNCHRONISES = 'answers with a snapshot and a stream that has no end: tests/replication'

/** Commands that no contract case runs. */
export const NOT_RUN: Record<string, string> = {
  sync: SYNCHRONISES,
  psync: SYNCHRONISES,
  save: 'writes a file: tests/persistence',
}

type Field = 'arity' | 'flags' | 'keys' | 'categories' | 'tips' | 'specs'

const WITH_SCORE = 'WITHSCORE came with Redis 7.2'
const TIPS_72 = 'since Redis 7.2, by its documentation: what a client makes of the replies, and none for MSETNX'
const RUNS_SCRIPTS = 'flagged as what runs scripts since Redis 8.10'

const IN_SCRIPTS = 'since Redis 7.2 scripts may run what blocks: it answers as if the time were over'

/** What COMMAND INFO says otherwise than genuine Redis 7.0. */
export const DIFFERENT: Record<string, Partial<Record<Field, string>>> = {
  zrank: { arity: WITH_SCORE },
  zrevrank: { arity: WITH_SCORE },
  eval: { flags: RUNS_SCRIPTS },
  eval_ro: { flags: RUNS_SCRIPTS },
  evalsha: { flags: RUNS_SCRIPTS },
  evalsha_ro: { flags: RUNS_SCRIPTS },
  fcall: { flags: RUNS_SCRIPTS },
  fcall_ro: { flags: RUNS_SCRIPTS },
  wait: { flags: IN_SCRIPTS, categories: IN_SCRIPTS },
  blpop: { flags: IN_SCRIPTS },
  brpop: { flags: IN_SCRIPTS },
  blmove: { flags: IN_SCRIPTS },
  brpoplpush: { flags: IN_SCRIPTS },
  bzpopmax: { flags: IN_SCRIPTS },
  bzpopmin: { flags: IN_SCRIPTS },
  msetnx: { tips: TIPS_72 },
  randomkey: { tips: TIPS_72 },
  scan: { tips: TIPS_72 },
}

/** Commands of genuine Redis 7.0 that are not here. */
export const ABSENT: readonly { readonly commands: RegExp; readonly reason: string }[] = []
