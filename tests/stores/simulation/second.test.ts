/** The other half of the schedules: see half.ts. */
import { simulateHalf } from './half.ts'

simulateHalf(1)
