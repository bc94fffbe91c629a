/** Bottleneck's Lua scripts, in the copy of Bottleneck that the application has: they and its code belong together. */
declare module 'bottleneck/lib/Scripts.js' {
  const scripts: {
    /** All of them. */
    readonly names: readonly string[]
    /** The keys of a limiter, as a script takes them. */
    keys(name: string, limiterId: string): readonly string[]
    /** The source of a script. */
    payload(name: string): string
  }
  export default scripts
}
