/** INFO's section on the processor: the time of the process, and that of the thread which runs commands. */
import { readFileSync } from 'node:fs'
import type { Fields } from './fields.ts'

/** Unit: microseconds. */
export interface ProcessorTime {
  readonly system: number
  readonly user: number
}

/** A hundredth of a second, in which Linux counts. */
const TICK_MICROSECONDS = 10_000

/** A function of newer versions of Node. */
const threadUsage = (process as { threadCpuUsage?: () => ProcessorTime }).threadCpuUsage

/** Of the process, since a reading; nothing where the host does not tell (Cloudflare). */
export function processTime(before?: ProcessorTime): ProcessorTime {
  try {
    return process.cpuUsage(before)
  } catch {
    return { system: 0, user: 0 }
  }
}

export function processorFields(): Fields {
  const { system, user } = processTime()
  const thread = threadTime()
  return [
    ['used_cpu_sys', seconds(system)],
    ['used_cpu_user', seconds(user)],
    ['used_cpu_sys_children', '0.000000'],
    ['used_cpu_user_children', '0.000000'],
    ...(thread === undefined
      ? []
      : ([
          ['used_cpu_sys_main_thread', seconds(thread.system)],
          ['used_cpu_user_main_thread', seconds(thread.user)],
        ] as const)),
  ]
}

function seconds(microseconds: number): string {
  return (microseconds / 1e6).toFixed(6)
}

/** Time of this thread; undefined where neither Node nor the kernel tells, and then Redis prints no such field either. */
export function threadTime(): ProcessorTime | undefined {
  let stat: string
  try {
    if (threadUsage !== undefined) return threadUsage.call(process)
    if (process.platform !== 'linux') return undefined
    stat = readFileSync('/proc/thread-self/stat', 'latin1')
  } catch {
    return undefined // Cloudflare, or a sandbox without /proc
  }
  // The fields after the name, which may hold anything: utime and stime are the 14th and 15th of all.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { user: Number(fields[11]) * TICK_MICROSECONDS, system: Number(fields[12]) * TICK_MICROSECONDS }
}
