/** Half of the schedules: see half.ts. */
import { simulateHalf } from './half.ts'

simulateHalf(0)
