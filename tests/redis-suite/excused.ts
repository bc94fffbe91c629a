/** Tests of Redis's suite that need not pass, each with a reason that would convince a maintainer of Redis. */
export interface Excuse {
  readonly unit: string
  /** The whole name, or a pattern. */
  readonly test: string | RegExp
  readonly reason: string
}

export const EXCUSED: readonly Excuse[] = []

export function excuseFor(unit: string, test: string): Excuse | undefined {
  return EXCUSED.find(
    (excuse) =>
      excuse.unit === unit && (typeof excuse.test === 'string' ? excuse.test === test : excuse.test.test(test)),
  )
}
