/** The store with all of its doors, as users import it: `zerodis/server`. Its parts are wired in lib/server/. */
export type { DoorOptions, OpenDoors } from './server/doors.ts'
export { createServer, getServer, type Server, type ServerOptions, shareServer } from './server/server.ts'
export { CommandError } from './transports/values.ts'
