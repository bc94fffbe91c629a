/** What is otherwise in a Durable Object, and why. */

const NO_FILES = 'there are no files'
const NO_SERVERS = 'there is no way to another server'
const TIME = 'time goes on meanwhile'
const OWN_LOG = 'keys are kept by the log of the object alone'
const TOKEN = 'a token lets in, and who came by one becomes another by a real password alone'
const SMALL = 'an object has little memory, so a string may have 16 MB'
const FIRST = 'the connection that looks after the others is the first one'

/** Cases of the contract by their titles. */
export const OTHERWISE: Readonly<Record<string, string>> = {
  'before the first one there is nothing to end and nothing to fetch': NO_FILES,
  'one that a transaction begins and gives up': NO_FILES,
  'how many arguments': NO_FILES,
  'BGREWRITEAOF is started': NO_FILES,
  'SAVE and BGSAVE check what they are told': NO_FILES,
  'a command that may not be in a transaction is told so first': NO_FILES,
  'FAILOVER needs a replica': NO_SERVERS,
  'MIGRATE checks its arguments': NO_SERVERS,
  'MIGRATE without a key has nothing to do': NO_SERVERS,
  'REPLICAOF NO ONE and SLAVEOF NO ONE leave a master as it is': NO_SERVERS,
  'DEBUG POPULATE makes keys that are not there yet': OWN_LOG,
  'DEBUG RELOAD keeps keys, times and databases': OWN_LOG,
  'DEBUG RELOAD keeps the times of fields': OWN_LOG,
  'DEBUG RELOAD knows three options': OWN_LOG,
  'DEBUG SLEEP, SET-ACTIVE-EXPIRE and other switches': OWN_LOG,
  'WATCH sees DEBUG RELOAD': OWN_LOG,
  'AUTH, HELLO, QUIT and RESET are for everyone': TOKEN,
  'CLIENT LIST and KILL know the user': TOKEN,
  'HELLO AUTH lets in, and nothing is changed by one that fails': TOKEN,
  'MULTI refuses what may not be run, and EXEC what may no longer be': TOKEN,
  'RESET shuts out until the password is said again': TOKEN,
  'SORT reads other keys only for those who may read all': TOKEN,
  'channels are permitted by pattern, patterns of PSUBSCRIBE only as they are': TOKEN,
  'scripts and functions may do what their caller may': TOKEN,
  'selectors do not add up: one of them must permit all of a command': TOKEN,
  'the default user has his rules as any other': TOKEN,
  'while the default user is off or has a password, strangers must say who they are': TOKEN,
  'with requirepass, a connection must say the password first': TOKEN,
  'GETBIT is 0 past the end': SMALL,
  'a client that waits is told that its wait was ended': FIRST,
  'GT and LT compare, a lasting field counting as endless': TIME,
  'HEXPIRE and HPEXPIRE give fields a time to live': TIME,
  'HGETEX and HSETEX take their options behind the fields, too': TIME,
  'HGETEX reads fields and sets or takes their time': TIME,
  'HSETEX sets fields with a time': TIME,
  'XREADGROUP CLAIM counts both kinds together, and passes over what is gone': TIME,
  'XREADGROUP CLAIM keeps claimed entries pending with NOACK': TIME,
}
