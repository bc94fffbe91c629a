/** The types that can be packed, by the forms of their records. */
import { Form } from '../table/record.ts'
import type { EncodingLimits, TypeName } from '../value.ts'
import { HashValue } from '../values/hash.ts'
import { ListValue } from '../values/list.ts'
import { SetValue } from '../values/set.ts'
import { ZSetValue } from '../values/zset.ts'
import type { Pack } from './pack.ts'
import type { Packable } from './packable.ts'

/** By form, for those of strings and of collections that are packed. */
export const TYPES: readonly TypeName[] = ['string', 'string', 'string', 'hash', 'set', 'set', 'zset', 'list']

/** A view of what is packed in a record of a form. */
export function viewOf(form: number, pack: Pack, limits: EncodingLimits): Packable {
  switch (form) {
    case Form.Hash:
      return new HashValue(limits, pack)
    case Form.Intset:
    case Form.Set:
      return new SetValue(limits, undefined, 0, pack, form)
    case Form.ZSet:
      return new ZSetValue(limits, 0, 0, pack)
    case Form.List:
      return new ListValue(limits, pack)
  }
  throw new Error(`nothing is packed in form ${form}`)
}
