/** A new key of any type, with its first element: what has none is no key. It never takes the place of one that is there. */
import { useState } from 'react'
import { durationOf } from '../model/figures.ts'
import { TYPES } from '../model/types.ts'
import { Field, FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { type Bytes, fromText } from '../wire/bytes.ts'
import type { Argument } from '../wire/rest.ts'

interface NewKeyDialogProps {
  readonly onClose: () => void
  readonly onMade: (key: Bytes) => void
}

/** The fields that each type asks for, and the command that they become. */
const SHAPES: Readonly<Record<string, Shape>> = {
  string: { fields: [['value', 'Value']], command: (key, { value }) => ['SET', key, value] },
  hash: {
    fields: [
      ['field', 'Field'],
      ['value', 'Value'],
    ],
    command: (key, { field, value }) => ['HSET', key, field, value],
  },
  list: { fields: [['value', 'Element']], command: (key, { value }) => ['RPUSH', key, value] },
  set: { fields: [['value', 'Member']], command: (key, { value }) => ['SADD', key, value] },
  zset: {
    fields: [
      ['score', 'Score'],
      ['value', 'Member'],
    ],
    command: (key, { score, value }) => ['ZADD', key, score, value],
  },
  stream: {
    fields: [
      ['field', 'Field'],
      ['value', 'Value'],
    ],
    command: (key, { field, value }) => ['XADD', key, '*', field, value],
  },
  'ReJSON-RL': { fields: [['value', 'Document']], command: (key, { value }) => ['JSON.SET', key, '$', value] },
  array: { fields: [['value', 'First element']], command: (key, { value }) => ['ARSET', key, 0, value] },
}

interface Shape {
  readonly fields: readonly (readonly [name: string, label: string])[]
  readonly command: (key: Bytes, values: Readonly<Record<string, Bytes>>) => Argument[]
}

/** Writes only where nothing is. The command and its arguments follow. */
const MAKE = `if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('ERR this key is there already') end
local argv = {ARGV[2], KEYS[1]}
for i = 3, #ARGV do argv[i] = ARGV[i] end
local reply = redis.call(unpack(argv))
if ARGV[1] ~= '' then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 'OK'`

export function NewKeyDialog({ onClose, onMade }: NewKeyDialogProps) {
  const { rest } = useStore()
  const [type, setType] = useState('string')
  const shape = SHAPES[type]
  const make = async (form: FormData): Promise<void> => {
    const text = (name: string): Bytes => fromText(String(form.get(name) ?? ''))
    const key = text('key')
    const ttl = text('ttl')
    const ms = ttl === '' ? '' : durationOf(ttl)
    if (ms === undefined || ms === 0) throw new Error('The time to live is a duration: 90, 5m, 2h 30m, 1d.')
    const values = Object.fromEntries(shape.fields.map(([name]) => [name, text(name)]))
    const [command, , ...args] = shape.command(key, values)
    await rest.run('EVAL', MAKE, 1, key, ms, command, ...args)
    onMade(key)
  }
  return (
    <FormDialog title="New key" action="Create" onClose={onClose} onSubmit={make}>
      <Field label="Name" name="key" />
      <div className="field">
        <label htmlFor="new-type">Type</label>
        <select id="new-type" value={type} onChange={(event) => setType(event.target.value)}>
          {TYPES.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {shape.fields.map(([name, label]) => (
        <Field
          key={`${type} ${name}`}
          name={name}
          label={label}
          type={name === 'score' ? 'number' : 'text'}
          isLong={name === 'value' && (type === 'string' || type === 'ReJSON-RL')}
        />
      ))}
      <Field label="Time to live" name="ttl" isOptional hint="90, 5m, 2h 30m, 1d; nothing for no expiry" />
    </FormDialog>
  )
}
