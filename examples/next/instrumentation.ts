/** Opens RESP where ZERODIS_PORT names a port. */
export { register } from 'zerodis/next'
