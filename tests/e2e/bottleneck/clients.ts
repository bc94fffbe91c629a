/**
 * Loaded into mocha ahead of Bottleneck's own tests: gives them the versions of the clients that they were written for, and
 * those clients the port of the server under test for their default.
 */
import { createRequire } from 'node:module'
import { standIn, warmUp } from './before.ts'

const require = createRequire(import.meta.url)
const port = Number(process.env.REDIS_PORT)

const redis = require('redis2')
const { createClient } = redis
redis.createClient = (options: object) => createClient({ port, ...options })
standIn('redis', redis)

const ioredis = require('ioredis4')
ioredis.defaultOptions.port = port
standIn('ioredis', ioredis)

warmUp()
