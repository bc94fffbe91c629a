/** Runs once when a Next server starts: opens the RESP listener where a port is configured. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return
  const next = await import('./lib/next.ts')
  await next.register()
}
