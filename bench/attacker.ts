/**
 * A process that guesses: wrong passwords over RESP, wrong tokens over REST, all of them sent without waiting for an
 * answer, on connections that are opened anew when they end. Goes on until it is ended; asked for by a message, it tells how
 * many guesses have left it, and how many were answered.
 *
 *   attacker.ts PORT HTTP-PORT GUESSES     each of the two doors gets that many at the least
 */
import { connect } from 'node:net'

const CONNECTIONS = 50

const [port, httpPort, guesses] = process.argv.slice(2).map(Number)
const counts = { sent: 0, answered: 0 }

function guess(to: number, text: string, answer: string): void {
  const socket = connect(to, '127.0.0.1')
  const send = (): void => {
    const many = Math.ceil(guesses / CONNECTIONS)
    socket.write(text.repeat(many), 'latin1', (error) => {
      if (!error) counts.sent += many
    })
  }
  socket.on('connect', send)
  socket.on('data', (chunk) => {
    counts.answered += chunk.toString('latin1').split(answer).length - 1
  })
  socket.on('error', () => {})
  socket.on('close', () => guess(to, text, answer))
}

for (let i = 0; i < CONNECTIONS; i++) {
  guess(port, '*2\r\n$4\r\nAUTH\r\n$5\r\nwrong\r\n', '-WRONGPASS')
  guess(httpPort, 'GET /get/key HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n\r\n', 'HTTP/1.1 401')
}
process.on('message', () => process.send!(counts))
process.on('disconnect', () => process.exit())
