/** Takes a message that is worth a line in the server's log. */
export type Log = (level: 'notice' | 'warning', message: string) => void
