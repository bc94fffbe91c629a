/** What is otherwise where keys are shared, and why. */

const HIDES = 'a read hides what is past its time, and does not remove it'
const ROOM = 'only what may write makes room'
const RELOADS = 'DEBUG RELOAD is refused'
const ALONE = 'it is refused where keys are shared'
/** Cases of the contract that are otherwise. */
export const OTHERWISE: Readonly<Record<string, string>> = {
  'WATCH sees DEBUG RELOAD': RELOADS,
  'DEBUG RELOAD keeps keys, times and databases': RELOADS,
  'DEBUG RELOAD keeps the times of fields': RELOADS,
  'DEBUG RELOAD knows three options': RELOADS,
  'REPLICAOF NO ONE and SLAVEOF NO ONE leave a master as it is': ALONE,
  'FAILOVER needs a replica': ALONE,
  'DEBUG SLEEP, SET-ACTIVE-EXPIRE and other switches': ALONE,
  'DEBUG POPULATE makes keys that are not there yet': ALONE,
  'SCAN TYPE removes keys past their time, of whatever type': HIDES,
  'a sparse value turns dense past hll-sparse-max-bytes': 'each process has a directive of its own',
  'what expires during CLIENT PAUSE is gone, and removed when it is over': HIDES,
  'a field past its time is gone for every command': HIDES,
  'HLEN counts fields past their time until they are removed': HIDES,
  'HRANDFIELD draws live fields only': HIDES,
  'keys go before the next command, and what needs memory is refused once none is left': ROOM,
  'any policy for all keys takes keys of all databases': ROOM,
  'a policy for volatile keys leaves the others': ROOM,
  'readers of events hear of a key that has to go': ROOM,
  'a watched key that had to go breaks the transaction': ROOM,
  'nothing has to go while clients are paused': ROOM,
}
