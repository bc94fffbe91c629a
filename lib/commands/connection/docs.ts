/** Documentation of the connection commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  auth: {
    summary: 'Authenticate to the server',
    since: '1.0.0',
    complexity: 'O(N) where N is the number of passwords defined for the user',
    history: [['6.0.0', 'Added ACL style (username and password).']],
    arguments: '?username:string^6.0.0 password:string',
  },
  client: {
    summary: 'A container for client connection commands',
    since: '2.4.0',
    complexity: 'Depends on subcommand.',
  },
  'client|caching': {
    summary: 'Instruct the server about tracking or not keys in the next request',
    since: '6.0.0',
    complexity: 'O(1)',
    arguments: 'mode:oneof(yes:pure-token=YES no:pure-token=NO)',
  },
  'client|getname': {
    summary: 'Get the current connection name',
    since: '2.6.9',
    complexity: 'O(1)',
  },
  'client|getredir': {
    summary: 'Get tracking notifications redirection client ID if any',
    since: '6.0.0',
    complexity: 'O(1)',
  },
  'client|help': {
    summary: 'Show helpful text about the different subcommands',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'client|id': {
    summary: 'Returns the client ID for the current connection',
    since: '5.0.0',
    complexity: 'O(1)',
  },
  'client|info': {
    summary: 'Returns information about the current client connection.',
    since: '6.2.0',
    complexity: 'O(1)',
  },
  'client|kill': {
    summary: 'Kill the connection of a client',
    since: '2.4.0',
    complexity: 'O(N) where N is the number of client connections',
    history: [
      ['2.8.12', 'Added new filter format.'],
      ['2.8.12', '`ID` option.'],
      ['3.2.0', 'Added `master` type in for `TYPE` option.'],
      ['5.0.0', 'Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.'],
      ['6.2.0', '`LADDR` option.'],
    ],
    arguments:
      'filter:oneof(ip:port:string~2.8.12 *new-format:oneof(?client-id:integer^2.8.12=ID ?normal_master_slave_pubsub:oneof^2.8.12=TYPE(normal:pure-token=NORMAL master:pure-token^3.2.0=MASTER slave:pure-token=SLAVE replica:pure-token^5.0.0=REPLICA pubsub:pure-token=PUBSUB) ?username:string=USER ?ip:port:string=ADDR ?ip:port:string^6.2.0=LADDR ?yes/no:string=SKIPME ?maxage:integer^7.4.0=MAXAGE))',
  },
  'client|list': {
    summary: 'Get the list of client connections',
    since: '2.4.0',
    complexity: 'O(N) where N is the number of client connections',
    history: [
      ['2.8.12', 'Added unique client `id` field.'],
      ['5.0.0', 'Added optional `TYPE` filter.'],
      ['6.0.0', 'Added `user` field.'],
      ['6.2.0', 'Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.'],
      ['7.0.0', 'Added `resp`, `multi-mem`, `rbs` and `rbp` fields.'],
      ['7.0.3', 'Added `ssub` field.'],
    ],
    arguments:
      '?normal_master_replica_pubsub:oneof^5.0.0=TYPE(normal:pure-token=NORMAL master:pure-token=MASTER replica:pure-token=REPLICA pubsub:pure-token=PUBSUB) ?id:block^6.2.0=ID(*client-id:integer)',
  },
  'client|no-evict': {
    summary: 'Set client eviction mode for the current connection',
    since: '7.0.0',
    complexity: 'O(1)',
    arguments: 'enabled:oneof(on:pure-token=ON off:pure-token=OFF)',
  },
  'client|no-touch': {
    summary: 'Keep the accesses of this connection out of LRU and LFU statistics',
    since: '7.2.0',
    complexity: 'O(1)',
    arguments: 'enabled:oneof(on:pure-token=ON off:pure-token=OFF)',
  },
  'client|pause': {
    summary: 'Stop processing commands from clients for some time',
    since: '2.9.50',
    complexity: 'O(1)',
    history: [['6.2.0', '`CLIENT PAUSE WRITE` mode added along with the `mode` option.']],
    arguments: 'timeout:integer ?mode:oneof^6.2.0(write:pure-token=WRITE all:pure-token=ALL)',
  },
  'client|reply': {
    summary: 'Instruct the server whether to reply to commands',
    since: '3.2.0',
    complexity: 'O(1)',
    arguments: 'on_off_skip:oneof(on:pure-token=ON off:pure-token=OFF skip:pure-token=SKIP)',
  },
  'client|setinfo': {
    summary: 'Set the name or the version of the client library of this connection',
    since: '7.2.0',
    complexity: 'O(1)',
    arguments: 'attr:oneof(libname:string=LIB-NAME libver:string=LIB-VER)',
  },
  'client|setname': {
    summary: 'Set the current connection name',
    since: '2.6.9',
    complexity: 'O(1)',
    arguments: 'connection-name:string',
  },
  'client|tracking': {
    summary: 'Enable or disable server assisted client side caching support',
    since: '6.0.0',
    complexity: 'O(1). Some options may introduce additional complexity.',
    arguments:
      'status:oneof(on:pure-token=ON off:pure-token=OFF) ?client-id:integer=REDIRECT ?*+prefix:string=PREFIX ?bcast:pure-token=BCAST ?optin:pure-token=OPTIN ?optout:pure-token=OPTOUT ?noloop:pure-token=NOLOOP',
  },
  'client|trackinginfo': {
    summary: 'Return information about server assisted client side caching for the current connection',
    since: '6.2.0',
    complexity: 'O(1)',
  },
  'client|unblock': {
    summary: 'Unblock a client blocked in a blocking command from a different connection',
    since: '5.0.0',
    complexity: 'O(log N) where N is the number of client connections',
    arguments: 'client-id:integer ?timeout_error:oneof(timeout:pure-token=TIMEOUT error:pure-token=ERROR)',
  },
  'client|unpause': {
    summary: 'Resume processing of clients that were paused',
    since: '6.2.0',
    complexity: 'O(N) Where N is the number of paused clients',
  },
  echo: {
    summary: 'Echo the given string',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'message:string',
  },
  hello: {
    summary: 'Handshake with Redis',
    since: '6.0.0',
    complexity: 'O(1)',
    history: [
      [
        '6.2.0',
        "`protover` made optional; when called without arguments the command reports the current connection's context.",
      ],
    ],
    arguments:
      '?arguments:block(protover:integer ?username_password:block=AUTH(username:string password:string) ?clientname:string=SETNAME)',
  },
  ping: {
    summary: 'Ping the server',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: '?message:string',
  },
  quit: {
    summary: 'Close the connection',
    since: '1.0.0',
    complexity: 'O(1)',
  },
  reset: {
    summary: 'Reset the connection',
    since: '6.2.0',
    complexity: 'O(1)',
  },
  select: {
    summary: 'Change the selected database for the current connection',
    since: '1.0.0',
    complexity: 'O(1)',
    arguments: 'index:integer',
  },
}
