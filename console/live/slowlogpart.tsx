/** The slow log: which commands took long, when, and who sent them. */
import { useStore } from '../parts/store.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, brief, shown } from '../wire/bytes.ts'

type Entry = readonly [id: number, at: number, micros: number, argv: readonly Bytes[], addr?: Bytes, name?: Bytes]

const SHOWN = 128
const REFRESH_MS = 5000

export function SlowLogPart() {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(async () => (await rest.run('SLOWLOG', 'GET', SHOWN)) as unknown as Entry[], [rest])
  useInterval(asked.reload, REFRESH_MS)
  const reset = (): void => {
    rest.run('SLOWLOG', 'RESET').then(asked.reload, (error) => notices.fail(error))
  }
  return (
    <>
      <div className="bar">
        <p className="grow soft">Commands that took longer than slowlog-log-slower-than, the latest first.</p>
        {access.canWrite ? (
          <button type="button" onClick={reset}>
            Empty the log
          </button>
        ) : null}
      </div>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {asked.value?.length === 0 ? <p className="waiting">No command was slow.</p> : null}
      {asked.value === undefined || asked.value.length === 0 ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
        <section className="table" aria-label="Slow commands" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Took</th>
                <th scope="col">Command</th>
                <th scope="col">Client</th>
              </tr>
            </thead>
            <tbody>
              {asked.value.map(([id, at, micros, argv, addr = '', name = '']) => (
                <tr key={id}>
                  <td>
                    <time>{new Date(at * 1000).toISOString().slice(0, 19).replace('T', ' ')}</time>
                  </td>
                  <td className="number">{(micros / 1000).toLocaleString('en', { maximumFractionDigits: 2 })} ms</td>
                  <td className="mono">
                    <bdi>{brief(argv.join(' '), 400)}</bdi>
                  </td>
                  <td>
                    <bdi>{shown(name === '' ? addr : `${name} ${addr}`)}</bdi>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  )
}
