/** What Bottleneck and its tests get when they `require`, in the place of the module itself. */
import Module from 'node:module'

type Load = (request: string, parent: { filename?: string } | undefined, isMain: boolean) => unknown

const standIns = new Map<string, unknown>()
const modules = Module as unknown as { _load: Load }
const load = modules._load

modules._load = (request, parent, isMain) => {
  const isTheirs = parent?.filename?.includes('node_modules/bottleneck/') === true
  return isTheirs && standIns.has(request) ? standIns.get(request) : load(request, parent, isMain)
}

export function standIn(request: string, exports: unknown): void {
  standIns.set(request, exports)
}
