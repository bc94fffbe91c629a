/** What INFO memory says of scripts and functions. */
import type { ScriptingPort } from '../session/ports.ts'
import type { Fields } from './fields.ts'
import { humanBytes } from './memory.ts'

export function scriptFields({ scripts, functions }: ScriptingPort): Fields {
  const vms = scripts.vmBytes + functions.vmBytes
  const texts = scripts.bytes + functions.bytes
  return [
    ['used_memory_lua', scripts.vmBytes],
    ['used_memory_vm_eval', scripts.vmBytes],
    ['used_memory_lua_human', humanBytes(scripts.vmBytes)],
    ['used_memory_scripts_eval', scripts.bytes],
    ['number_of_cached_scripts', scripts.count],
    ['number_of_functions', functions.functionCount],
    ['number_of_libraries', functions.libraryCount],
    ['used_memory_vm_functions', functions.vmBytes],
    ['used_memory_vm_total', vms],
    ['used_memory_vm_total_human', humanBytes(vms)],
    ['used_memory_functions', functions.bytes],
    ['used_memory_scripts', texts],
    ['used_memory_scripts_human', humanBytes(texts)],
  ]
}
