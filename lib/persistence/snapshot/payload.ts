/**
 * What DUMP and FUNCTION DUMP give and their opposites take: a value or libraries of functions as in a snapshot, then two
 * bytes for the version and eight for the checksum.
 */
import { type Bytes, fromArray, MAX_BYTES, toArray } from '../../base/bytes.ts'
import { FUNCTIONS_PAYLOAD, NOT_A_FUNCTION, PAYLOAD_TOO_LARGE } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import type { EncodingLimits, Value } from '../../keyspace/value.ts'
import { DOCUMENT_BYTES_MAX } from '../../keyspace/values/json-node.ts'
import { crc64, hasChecksum } from '../format/crc64.ts'
import { Malformed, RdbInput } from '../format/input.ts'
import { RdbOutput, TooLong } from '../format/output.ts'
import { Opcode, RDB_VERSION, RDB_VERSION_7_0 } from '../format/types.ts'
import { readValue } from '../values/read.ts'
import { typeFor, versionFor, writeValue } from '../values/write.ts'
import { writeFunctions } from './snapshot.ts'

const FOOTER_BYTES = 10

export function writePayload(value: Value, compresses = false): Bytes {
  const version = versionFor(value)
  return payloadOf(version, compresses, (output) => {
    output.byte(typeFor(value, version))
    writeValue(output, value, version)
  })
}

export function writeFunctionsPayload(codes: readonly Bytes[], compresses: boolean): Bytes {
  return payloadOf(RDB_VERSION_7_0, compresses, (output) => writeFunctions(output, codes))
}

/** @throws PAYLOAD_TOO_LARGE for what no reply could hold */
function payloadOf(version: number, compresses: boolean, write: (output: RdbOutput) => void): Bytes {
  const output = new RdbOutput(64, undefined, MAX_BYTES, compresses)
  try {
    write(output)
    output.littleEndian(version, 2)
    output.raw(crc64(output.array, output.length))
  } catch (error) {
    throw error instanceof TooLong ? PAYLOAD_TOO_LARGE : error
  }
  return fromArray(output.array)
}

/** True if a payload is of a version that is known and as it was when it was made. */
export function isIntact(payload: Bytes, skipsChecksum: boolean): boolean {
  const { length } = payload
  if (length < FOOTER_BYTES) return false
  const version = payload.charCodeAt(length - 10) | (payload.charCodeAt(length - 9) << 8)
  return version <= RDB_VERSION && (skipsChecksum || hasChecksum(toArray(payload), length - 8))
}

/** The value of an intact payload. @throws Malformed where it makes no sense all the same */
export function readPayload(payload: Bytes, limits: EncodingLimits): Value {
  const input: RdbInput = new RdbInput(toArray(payload), 0, payload.length - FOOTER_BYTES)
  input.documentBytesMax = DOCUMENT_BYTES_MAX
  return readValue(input, input.byte(), limits)
}

/** The texts of the libraries in an intact payload. */
export function readFunctionsPayload(payload: Bytes): Bytes[] | ReplyError {
  const input: RdbInput = new RdbInput(toArray(payload), 0, payload.length - FOOTER_BYTES)
  const codes: Bytes[] = []
  try {
    while (input.left > 0) {
      if (input.byte() !== Opcode.Function) return NOT_A_FUNCTION
      codes.push(input.string())
    }
    return codes
  } catch (error) {
    if (error instanceof Malformed) return FUNCTIONS_PAYLOAD
    throw error
  }
}
