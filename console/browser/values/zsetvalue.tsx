/** A sorted set: its members by rank, or those whose scores are in a range. Members that are places stand on a map, too. */
import { useState } from 'react'
import { edit, overwrite } from '../../model/editing.ts'
import { IconButton, Segments } from '../../parts/buttons.tsx'
import { Field, FormDialog } from '../../parts/dialog.tsx'
import { useStore } from '../../parts/store.tsx'
import { usePages } from '../../parts/usepages.ts'
import { type Bytes, brief, fromText } from '../../wire/bytes.ts'
import { Cell, Elements } from '../elements.tsx'
import { ElementsBar } from '../elementsbar.tsx'
import type { ValueProps } from '../keypane.tsx'
import { GeoMap } from './geomap.tsx'

interface Scored {
  readonly member: Bytes
  readonly score: Bytes
}

const PART = 200
/** A bound of a range of scores, as ZRANGE takes it. */
const BOUND = /^(\(?[+-]?(\d+(\.\d*)?(e[+-]?\d+)?|inf))$/i

type Order = 'lowest' | 'highest' | 'map'

export function ZsetValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const [order, setOrder] = useState<Order>('lowest')
  const [range, setRange] = useState('')
  const [scored, setScored] = useState<Scored>()
  const pages = usePages<Scored, number>(
    async (from = 0) => {
      const command = commandOf(name, order, range, from)
      const flat = (await rest.run(...command)) as Bytes[]
      const items = Array.from({ length: flat.length / 2 }, (_, i) => ({ member: flat[i * 2], score: flat[i * 2 + 1] }))
      return { items, next: items.length < PART ? undefined : from + PART }
    },
    [rest, name, order, range],
  )
  const changed = (): void => {
    pages.reload()
    onChanged()
  }
  const add = async (form: FormData): Promise<void> => {
    const reply = await rest.run('ZADD', name, 'NX', String(form.get('score')), fromText(String(form.get('member'))))
    if (reply === 0) throw new Error('This member is there already.')
    changed()
  }
  return (
    <>
      <ElementsBar
        filter={range}
        onFilter={setRange}
        filterBy="score, as 10 20"
        what="member"
        canAdd={canWrite}
        onAdd={add}
        error={pages.error}
        extra={
          <Segments
            label="Order"
            value={order}
            choices={[
              { value: 'lowest', label: 'Lowest first' },
              { value: 'highest', label: 'Highest first' },
              { value: 'map', label: 'Map' },
            ]}
            onChange={setOrder}
          />
        }
      >
        <Field label="Score" name="score" type="number" />
        <Field label="Member" name="member" isOptional />
      </ElementsBar>
      {order === 'map' ? <GeoMap name={name} members={pages.items.map(({ member }) => member)} /> : null}
      <Elements
        columns={['Score', 'Member']}
        elements={pages.items.map(({ member, score }) => ({
          id: member,
          title: brief(member, 60),
          value: member,
          cells: [
            <span key="s" className="mono">
              {score}
            </span>,
            <Cell key="m" bytes={member} />,
          ],
        }))}
        canWrite={canWrite}
        actions={(index) =>
          canWrite ? (
            <IconButton
              icon="edit"
              label={`Score of ${brief(pages.items[index].member, 60)}`}
              onClick={() => setScored(pages.items[index])}
            />
          ) : null
        }
        onRemove={async (index) => {
          await rest.run('ZREM', name, pages.items[index].member)
          changed()
        }}
        onReload={pages.reload}
        onMore={pages.more}
        isLoading={pages.isLoading}
      />
      {scored === undefined ? null : (
        <FormDialog
          title={`Score of ${brief(scored.member, 60)}`}
          action="Set"
          onClose={() => setScored(undefined)}
          onSubmit={async (form) => {
            const score = String(form.get('score'))
            if (form.get('overwrites') !== null) await overwrite(rest, 'zset', name, [score], scored.member)
            else await edit(rest, 'zset', name, scored.score, [score], scored.member)
            changed()
          }}
        >
          <Field label="Score" name="score" value={scored.score} />
          <label className="check">
            <input type="checkbox" name="overwrites" /> Also where somebody has changed it meanwhile
          </label>
        </FormDialog>
      )}
    </>
  )
}

/** `10 20`, `(10 +inf`: from one score to another; one alone is where to begin. */
function commandOf(name: Bytes, order: Order, range: string, from: number): (Bytes | number)[] {
  const isReverse = order === 'highest'
  const [low = '', high = '+inf'] = range.trim().split(/\s*(?:\.\.|\s|,)\s*/)
  if (range.trim() === '') {
    return ['ZRANGE', name, from, from + PART - 1, ...(isReverse ? ['REV'] : []), 'WITHSCORES']
  }
  if (!BOUND.test(low) || !BOUND.test(high)) throw new Error('A range of scores is 10 20, (10 +inf, or 10 alone.')
  const bounds = isReverse ? [high, low, 'BYSCORE', 'REV'] : [low, high, 'BYSCORE']
  return ['ZRANGE', name, ...bounds, 'LIMIT', from, PART, 'WITHSCORES']
}
