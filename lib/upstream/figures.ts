/** What INFO tells of an upstream, counted by whoever knows it. */
export class Figures {
  /** Connections that are open. */
  connections = 0
  /** Those that belong to clients whose streams are passed through. */
  streams = 0
  /** Connections that were made, could not be made, and went without our wish. */
  dials = 0
  failedDials = 0
  lost = 0
  /** Commands that were sent, sent once more, and not answered in time or at all. */
  commands = 0
  retries = 0
  faults = 0
}
