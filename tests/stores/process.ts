/** A store of its own process on a shared database, for tests that kill it: tells its port. Usage: process.ts DATABASE */
import { createServer } from '../../lib/server.ts'

const server = createServer({ store: `sqlite:${process.argv[2]}`, 'store-timeout': 20_000, save: '' })
const { port } = await server.listen({ port: 0, httpPort: false })
process.stdout.write(`${port}\n`)
