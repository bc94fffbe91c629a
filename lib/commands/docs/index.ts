/** The documentation of all commands. Large, and rarely asked for: import it dynamically. */
import { docs as bitmapDocs } from './bitmap.ts'
import { docs as clusterDocs } from './cluster.ts'
import { docs as connectionDocs } from './connection.ts'
import type { Docs } from './doc.ts'
import { docs as genericDocs } from './generic.ts'
import { docs as geoDocs } from './geo.ts'
import { docs as hashDocs } from './hash.ts'
import { docs as hyperloglogDocs } from './hyperloglog.ts'
import { docs as listDocs } from './list.ts'
import { docs as pubsubDocs } from './pubsub.ts'
import { docs as scriptingDocs } from './scripting.ts'
import { docs as serverDocs } from './server.ts'
import { docs as setDocs } from './set.ts'
import { docs as sortedSetDocs } from './sorted-set.ts'
import { docs as streamDocs } from './stream.ts'
import { docs as stringDocs } from './string.ts'
import { docs as transactionsDocs } from './transactions.ts'

export { docReply } from './doc.ts'

export const DOCS: Docs = {
  ...bitmapDocs,
  ...clusterDocs,
  ...connectionDocs,
  ...genericDocs,
  ...geoDocs,
  ...hashDocs,
  ...hyperloglogDocs,
  ...listDocs,
  ...pubsubDocs,
  ...scriptingDocs,
  ...serverDocs,
  ...setDocs,
  ...sortedSetDocs,
  ...streamDocs,
  ...stringDocs,
  ...transactionsDocs,
}
