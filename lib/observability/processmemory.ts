/** Memory of the process. On Linux Node opens a file of /proc for it, which fails where no descriptor is left. */
import { getHeapStatistics } from 'node:v8'

let residentBefore = 0

/** As `process.memoryUsage()`; where that cannot be told, the heap's part by V8 alone, and the resident memory as it was last. */
export function processMemory(): NodeJS.MemoryUsage {
  try {
    const usage = process.memoryUsage()
    residentBefore = usage.rss
    return usage
  } catch {
    const { used_heap_size: heapUsed, total_heap_size: heapTotal, external_memory: external } = getHeapStatistics()
    return {
      heapUsed,
      heapTotal,
      external,
      arrayBuffers: external,
      rss: Math.max(residentBefore, heapTotal + external),
    }
  }
}

/** Resident memory in bytes. Cloudflare tells of it with all else only. */
export function residentBytes(): number {
  const { memoryUsage } = process as { memoryUsage: NodeJS.MemoryUsageFn | (() => NodeJS.MemoryUsage) }
  if (!('rss' in memoryUsage)) return processMemory().rss
  try {
    residentBefore = memoryUsage.rss()
  } catch {
    return processMemory().rss
  }
  return residentBefore
}
