/** `npm run soak`: 1,000 subscribers over TCP, 500 over SSE, 100,000 messages to each; half of the readers killed midway. */
import { parseArgs } from 'node:util'
import { soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    tcp: { type: 'string', default: '1000' },
    sse: { type: 'string', default: '500' },
    messages: { type: 'string', default: '100000' },
  },
})
const { deliveries, seconds, receivers, left, memory, peakResidentBytes } = await soak({
  tcp: Number(values.tcp),
  sse: Number(values.sse),
  messages: Number(values.messages),
})
const mb = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MB`
console.log(`${values.messages} messages to ${values.tcp} subscribers over TCP and ${values.sse} over SSE`)
console.log(
  `  ${deliveries} deliveries in ${seconds.toFixed(1)} s, ${Math.round(deliveries / seconds)} a second, all in order`,
)
console.log(`  receivers of the first message ${receivers[0]}, of the last ${receivers[1]}`)
console.log(`  left behind: ${left[0] - 1} clients, ${left[1]} channels`)
console.log(
  `  heap and buffers before ${mb(memory[0])}, after ${mb(memory[1])}; largest resident size ${mb(peakResidentBytes)}`,
)
