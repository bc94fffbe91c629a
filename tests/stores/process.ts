/** A store in a process of its own, for tests that kill it: tells its ports. Usage: process.ts SETTINGS, which are JSON */
import { createServer } from '../../lib/server.ts'

const server = createServer({ 'rest-token': 'token-of-all', ...JSON.parse(process.argv[2]) })
const { port, httpPort } = await server.listen({ port: 0, httpPort: 0 })
process.stdout.write(`${port} ${httpPort}\n`)
// Whoever started it has gone.
process.stdin.on('end', () => process.exit()).resume()
