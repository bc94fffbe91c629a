import { contract, error, where } from './dsl.ts'

const notAllowed = error(
  'ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
)

export const cases = contract('module', {
  'MODULE LIST is empty': [
    ['MODULE LIST', []],
    ['MODULE HELP', where((lines) => lines.includes('UNLOAD <name>') && lines.length === 11, 'the lines')],
    ['MODULE LIST x', error("ERR wrong number of arguments for 'module|list' command")],
  ],

  'MODULE LOAD, LOADEX and UNLOAD are for those whom enable-module-command allows': [
    ['MODULE LOAD /no/such/module', notAllowed],
    ['MODULE LOADEX /no/such/module CONFIG a b ARGS c', notAllowed],
    ['MODULE UNLOAD x', notAllowed],
    ['MODULE LOAD', error("ERR wrong number of arguments for 'module|load' command")],
    ['MODULE UNLOAD a b', error("ERR wrong number of arguments for 'module|unload' command")],
    ['MODULE FOO', error("ERR unknown subcommand 'FOO'. Try MODULE HELP.")],
  ],
})
