/** The link of a session that has no client: nobody is there to be told anything. */
import type { Link } from './session.ts'

export const NO_LINK: Link = {
  push() {},
  closeAfterReply() {},
  close() {},
  inputBytes: 0,
  outputBytes: 0,
}
