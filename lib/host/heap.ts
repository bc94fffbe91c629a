/**
 * V8's heap in a process that is zerodis's own (docs/adr/0015-memory-is-given-back.md): how far it may grow before garbage is
 * collected, and a collection at a time of our choice. Flags of V8 hold for the whole process, so nothing here runs by an
 * import; `Host` calls it. What the command line of node says stands. Bun and Deno have other flags, or another engine:
 * there, nothing is done.
 */
import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { processMemory } from '../observability/processmemory.ts'

/** V8 collects when the heap has grown by this much since the last time. By itself it lets a small heap grow fourfold. */
const GROWING_PERCENT = 50
/**
 * V8 begins to mark when this much was added outside its heap (its limit is 64 MB). The pages are never touched, so they
 * take no memory.
 */
const BAIT_BYTES = 72 * 1024 * 1024
/** A collection that did not end in this time is given up: V8 saw no reason for one. */
const PATIENCE_MS = 5000

const IS_NODE = process.versions.bun === undefined && process.versions.deno === undefined

/** Bytes. */
export interface HeapFigures {
  /** Objects, arrays outside of it, and garbage. */
  readonly used: number
  /** The same by the pages that hold the objects. */
  readonly committed: number
}

/** The heap as `GiveBack` sees it. */
export interface Heap {
  figures(): HeapFigures
  readonly isCollecting: boolean
  /** Starts a collection that gives back what it can. `ended` is called once it has, or was given up. */
  collect(ended: () => void): void
}

/** True if somebody has set a flag of V8 on node's command line. */
function isSet(flag: string): boolean {
  return process.execArgv.some((argument) =>
    argument.replaceAll('_', '-').replace('--no-', '--').startsWith(`--${flag}`),
  )
}

let isLimited = false

/** From here on, garbage is at most about half of what is held. */
export function limitGrowth(): void {
  if (!IS_NODE || isLimited || isSet('heap-growing-percent')) return
  isLimited = true
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`)
}

export class ProcessHeap implements Heap {
  isCollecting = false

  figures(): HeapFigures {
    const { heapUsed, heapTotal, arrayBuffers } = processMemory()
    return { used: heapUsed + arrayBuffers, committed: heapTotal + arrayBuffers }
  }

  /**
   * V8 marks in slices and beside the program, so that others wait for the end of it only; the exposed `gc` would stop them
   * for all of it. While it is told to optimize for size, it returns the free parts of pages to the system, and empties
   * more of them.
   */
  collect(ended: () => void): void {
    if (this.isCollecting) return
    if (!IS_NODE) {
      ended()
      return
    }
    this.isCollecting = true
    const isOurs = !isSet('optimize-for-size')
    if (isOurs) setFlagsFromString('--optimize-for-size')
    const end = (): void => {
      observer.disconnect()
      clearTimeout(timer)
      if (isOurs) setFlagsFromString('--no-optimize-for-size')
      // The flag has set this one too, for the young generation of threads to come.
      if (isOurs && !isSet('max-semi-space-size')) setFlagsFromString('--max-semi-space-size=0')
      this.isCollecting = false
      ended()
    }
    const observer = new PerformanceObserver((list) => {
      if (list.getEntries().some(isMajor)) end()
    })
    observer.observe({ entryTypes: ['gc'] })
    const timer = setTimeout(end, PATIENCE_MS)
    timer.unref()
    try {
      new ArrayBuffer(BAIT_BYTES)
    } catch {
      // Where no address space is left, V8 has collected before it said so.
      end()
    }
  }
}

function isMajor(entry: PerformanceEntry): boolean {
  return (entry as { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
