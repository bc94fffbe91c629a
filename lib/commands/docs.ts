/** The documentation of all commands. Large, and rarely asked for: import it dynamically. */
import { docs as arrayDocs } from './array/docs.ts'
import { docs as bitmapDocs } from './bitmap/docs.ts'
import { docs as clusterDocs } from './cluster/docs.ts'
import { docs as connectionDocs } from './connection/docs.ts'
import type { Docs } from './doc.ts'
import { docs as genericDocs } from './generic/docs.ts'
import { docs as geoDocs } from './geo/docs.ts'
import { docs as hashDocs } from './hash/docs.ts'
import { docs as hyperloglogDocs } from './hyperloglog/docs.ts'
import { docs as jsonDocs } from './json/docs.ts'
import { docs as listDocs } from './list/docs.ts'
import { docs as pubsubDocs } from './pubsub/docs.ts'
import { docs as scriptingDocs } from './scripting/docs.ts'
import { docs as serverDocs } from './server/docs.ts'
import { docs as setDocs } from './set/docs.ts'
import { docs as sortedSetDocs } from './sorted-set/docs.ts'
import { docs as streamDocs } from './stream/docs.ts'
import { docs as stringDocs } from './string/docs.ts'
import { docs as transactionsDocs } from './transactions/docs.ts'

export { docReply } from './doc.ts'

export const DOCS: Docs = {
  ...arrayDocs,
  ...bitmapDocs,
  ...clusterDocs,
  ...connectionDocs,
  ...genericDocs,
  ...geoDocs,
  ...hashDocs,
  ...hyperloglogDocs,
  ...jsonDocs,
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
