/**
 * Types of values for which the version of Redis's snapshots that is written here has no form. They are written as values of
 * modules are: behind an id, made of a name of nine letters and the version of the form, come integers and strings behind
 * their kinds, so that whoever does not know the type can still pass over it, and a genuine Redis says by the type's name
 * what it cannot load. A type is declared once, in a file of its own, and listed in MODULE_TYPES; saving, DUMP, replicas
 * and whoever else needs to keep a value or to read one back go by the declaration.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { EncodingLimits, ObjectValue, Value } from '../../keyspace/value.ts'
import { Malformed, type RdbInput } from '../format/input.ts'
import type { RdbOutput } from '../format/output.ts'
import { JSON_TYPE } from './jsontype.ts'
import { Kind, ModuleInput, ModuleOutput, type ModuleType } from './moduletype.ts'

// biome-ignore lint/suspicious/noExplicitAny: each takes only what its own type is
const MODULE_TYPES: readonly ModuleType<any>[] = [JSON_TYPE]
const BY_TYPE = new Map(MODULE_TYPES.map((type) => [type.type, type]))

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NAME_LENGTH = 9
const VERSION_BITS = 10n

/** True for a value of a type that is declared here. */
export function isModuleValue(value: Value): boolean {
  return typeof value === 'object' && BY_TYPE.has(value.type)
}

/** Writes a value of which `isModuleValue` is true. */
export function writeModuleValue(output: RdbOutput, value: ObjectValue): void {
  const type = BY_TYPE.get(value.type)
  if (type === undefined) throw new Error(`no form for ${value.type}`)
  output.count(idOf(type))
  type.write(new ModuleOutput(output), value)
  output.count(Kind.End)
}

/** @throws Malformed, where the type is not known too */
export function readModuleValue(input: RdbInput, limits: EncodingLimits): Value {
  const id = BigInt(input.integer())
  const name = nameOf(id)
  const type = MODULE_TYPES.find((each) => each.name === name)
  const version = Number(id & ((1n << VERSION_BITS) - 1n))
  if (type === undefined || version > type.version)
    throw new Malformed(`a value of the module type '${name}' ${version}`)
  const value = type.read(new ModuleInput(input), version, limits)
  input.check(input.integer() === Kind.End, 'more of a module value than there should be')
  return value
}

function idOf({ name, version }: ModuleType): bigint {
  let id = 0n
  for (const letter of name) id = (id << 6n) | BigInt(LETTERS.indexOf(letter))
  return (id << VERSION_BITS) | BigInt(version)
}

function nameOf(id: bigint): Bytes {
  let name = ''
  let letters = id >> VERSION_BITS
  for (let i = 0; i < NAME_LENGTH; i++) {
    name = LETTERS[Number(letters & 63n)] + name
    letters >>= 6n
  }
  return name
}
