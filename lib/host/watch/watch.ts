/** What `zerodis` has to look at a store from outside; loaded with the first of them. */
export { runTail } from './tail.ts'
export { runTop } from './top.ts'
