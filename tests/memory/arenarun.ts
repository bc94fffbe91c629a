/** `npm run fuzz:arena -- [operations]`: the arena against its model for as long as one likes. */
import { Random, seedOfRun } from '../differential/random.ts'
import { fuzzArena } from './arenafuzz.ts'

const operations = Number(process.argv[2] ?? 1e8)
const seed = seedOfRun()
console.log(`${operations} operations, seed ${seed}`)
const arena = fuzzArena(new Random(seed), operations)
console.log(`no fault; ${arena.heldBytes} bytes held at the end`)
