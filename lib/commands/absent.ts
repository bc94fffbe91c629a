/**
 * Commands that Redis has and a store in one process cannot: those of clusters, of replicas and of native modules. ACL rules
 * may name them all the same, as do the files of users that were written for Redis; to be permitted them means nothing.
 */
export const ABSENT_COMMANDS: ReadonlySet<string> = new Set([
  ...['asking', 'cluster', 'migrate', 'readonly', 'readwrite', 'restore-asking'],
  ...['failover', 'module', 'replicaof', 'slaveof'],
])
