import { Queue, Worker } from 'bullmq'

/** Mails that are sent in the background, each up to three times where that fails. */
export class Mails {
  constructor(connection) {
    this.connection = connection
    this.queue = new Queue('mail', { connection })
  }

  send(to, { delayMs = 0 } = {}) {
    return this.queue.add('send', { to }, { attempts: 3, delay: delayMs, removeOnComplete: true })
  }

  work(deliver) {
    return new Worker('mail', ({ data }) => deliver(data.to), { connection: this.connection })
  }

  close() {
    return this.queue.close()
  }
}
