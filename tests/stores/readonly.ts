/** What a store answers whose database its process may not write, line by line. Usage: readonly.ts SETTINGS */
import { createServer } from '../../lib/server.ts'

try {
  const server = createServer({ ...JSON.parse(process.argv[2]), log: (_, line) => console.log('log', line) })
  for (const argv of [
    ['GET', 'k'],
    ['SET', 'k', 'w'],
    ['EVAL', "return redis.call('set', 'k', 'w')", '0'],
  ]) {
    try {
      console.log(server.execute(...argv))
    } catch (error) {
      console.log((error as Error).message)
    }
  }
  console.log(await server.compact())
  server.cron()
  console.log(/store_read_only:1/.test(String(server.execute('INFO', 'store'))))
  await server.close()
} catch (error) {
  console.log((error as Error).message)
}
