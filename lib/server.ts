/** The store with all of its doors, as users import it: `zerodis/server`. Its parts are wired in lib/server/. */
export {
  createServer,
  type DoorOptions,
  getServer,
  type OpenDoors,
  type Server,
  type ServerOptions,
  shareServer,
} from './server/server.ts'
