/** The caller of code in this process: who has no connection to close, and nothing that could be pushed. */
import type { Caller } from './calls.ts'

export const NOBODY: Caller = {
  addr: '',
  laddr: '',
  inputBytes: 0,
  outputBytes: 0,
  push() {},
  closeAfterReply() {},
  close() {},
  whenGone() {},
  holds() {},
}
