import { expect, test } from 'vitest'
import { createServer } from '../../../lib/server.ts'
import { threadTimeMs } from '../../clients/threadtime.ts'

test('PFSELFTEST takes no longer where `hll-sparse-max-bytes` lets a sparse one grow without bound', async () => {
  const server = createServer()
  server.execute('PFSELFTEST')
  server.execute('CONFIG', 'SET', 'hll-sparse-max-bytes', `${2 ** 30}`)
  const before = threadTimeMs()
  expect(server.execute('PFSELFTEST')).toBe('OK')
  expect(threadTimeMs() - before).toBeLessThan(1000) // 2,000 to 4,000 ms when it followed the directive
  await server.close()
})
