/** Values that a command takes for one type, and that may be of another. */
import { WRONG_TYPE } from '../base/errors.ts'
import type { ObjectValue, StringValue, TypeName, Value } from './value.ts'
import { StringBuffer } from './values/string.ts'

/** The constructor of an object value; the argument that `typed` checks against. */
export type ValueClass<T extends ObjectValue> = abstract new (...args: never[]) => T

/** The value as one of a type; undefined for none. @throws WRONG_TYPE */
export function checkType<T extends ObjectValue>(value: Value | undefined, type: ValueClass<T>): T | undefined {
  if (value === undefined) return undefined
  // The constructor tells as much as `instanceof`, which is slow where the class is not known beforehand.
  if (value.constructor === type) return value as T
  throw WRONG_TYPE
}

/** The same for strings. @throws WRONG_TYPE */
export function checkString(value: Value | undefined): StringValue | undefined {
  if (value === undefined || typeof value !== 'object' || value instanceof StringBuffer) return value
  throw WRONG_TYPE
}

/** The name that TYPE prints for a value. */
export function typeName(value: Value): TypeName {
  return typeof value === 'object' ? value.type : 'string'
}
