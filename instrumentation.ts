/**
 * Runs once when a Next server starts: opens the RESP listener where a port is configured. Vercel opens no ports; a build there
 * leaves it out, since Next bundles it apart from the routes and every function would hold the store's code twice.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs' && process.env.ON_VERCEL === '') {
    const next = await import('./lib/next.ts')
    await next.register()
  }
}
