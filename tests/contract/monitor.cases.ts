import { contract, error, nil, ok, on, pushed, status, where } from './dsl.ts'

/** A line of MONITOR: the time, then the rest as it is given; the address is left out. */
const line = (db: number, words: string) =>
  pushed(
    'watcher',
    where((text: string) => {
      const found = /^\d+\.\d{6} \[(\d+) [^\]]+\] (.*)$/.exec(text)
      return found !== null && Number(found[1]) === db && found[2] === words
    }, `a line of MONITOR that ends in [${db} …] ${words}`),
  )

export const cases = contract('monitor', {
  'MONITOR shows commands after they ran, with their database': [
    ['PING', status('PONG')],
    on('watcher', 'MONITOR', ok),
    ['SET k "a b\\x01\\""', ok],
    line(0, '"SET" "k" "a b\\x01\\""'),
    ['SELECT 2', ok],
    line(2, '"SELECT" "2"'),
    ['get k', nil],
    line(2, '"get" "k"'),
  ],
  'a transaction shows its commands before EXEC': [
    ['PING', status('PONG')],
    on('watcher', 'MONITOR', ok),
    ['MULTI', ok],
    line(0, '"MULTI"'),
    ['SET k v', status('QUEUED')],
    ['EXEC', [ok]],
    line(0, '"SET" "k" "v"'),
    line(0, '"EXEC"'),
  ],
  'neither what was refused nor what administers is shown': [
    ['PING', status('PONG')],
    on('watcher', 'MONITOR', ok),
    ['NOSUCH', error("ERR unknown command 'NOSUCH', with args beginning with: ")],
    ['GET', error("ERR wrong number of arguments for 'get' command")],
    ['CONFIG SET hz 10', ok],
    ['PING', status('PONG')],
    line(0, '"PING"'),
  ],
  'passwords are not shown': [
    ['PING', status('PONG')],
    on('watcher', 'MONITOR', ok),
    ['AUTH nobody secret', error('WRONGPASS invalid username-password pair or user is disabled.')],
    line(0, '"AUTH" "(redacted)" "(redacted)"'),
    ['HELLO 3 AUTH nobody secret', error('WRONGPASS invalid username-password pair or user is disabled.')],
    line(0, '"HELLO" "3" "AUTH" "(redacted)" "(redacted)"'),
  ],
  'a client that watches may not touch keys': [
    ['MONITOR', ok],
    ['GET k', error("ERR Replica can't interact with the keyspace")],
    ['SET k v', error("ERR Replica can't interact with the keyspace")],
  ],
  'RESET ends the watch': [
    ['PING', status('PONG')],
    on('watcher', 'MONITOR', ok),
    on('watcher', 'RESET', status('RESET')),
    on('watcher', 'SET k v', ok),
  ],
  'MONITOR cannot stand in a transaction': [
    ['MULTI', ok],
    ['MONITOR', status('QUEUED')],
    ['EXEC', [error("ERR MONITOR isn't allowed for DENY BLOCKING client")]],
  ],
})
