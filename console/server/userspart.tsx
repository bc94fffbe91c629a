/** Users: who there are, what each may do, a form for one, and what a user would be told for a command. */
import { useState } from 'react'
import { FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { TableHead } from '../parts/tablehead.tsx'
import { useLoaded } from '../parts/useloaded.ts'
import { type Bytes, shown } from '../wire/bytes.ts'
import { TryDialog } from './trydialog.tsx'
import { NEW_USER, TokenDialog, UserDialog } from './userdialog.tsx'
import { type User, usersOf } from './users.ts'

type Open =
  | { readonly what: 'edit' | 'delete'; readonly user: User }
  | { readonly what: 'try'; readonly user: User }
  | undefined

/** Who cannot be taken away. */
const DEFAULT: Bytes = 'default'

export function UsersPart() {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(() => usersOf(rest), [rest])
  const [open, setOpen] = useState<Open>()
  const [token, setToken] = useState<string>()
  const close = (): void => setOpen(undefined)
  return (
    <>
      <div className="bar">
        <p className="grow soft">Who may come in, and what each may do. The rules are those of ACL SETUSER.</p>
        {access.canWrite ? (
          <button type="button" onClick={() => setOpen({ what: 'edit', user: NEW_USER })}>
            New user
          </button>
        ) : null}
      </div>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {asked.value === undefined ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
        <section className="table" aria-label="Users" tabIndex={0}>
          <table>
            <TableHead columns={['User', 'Comes in', 'Commands', 'Keys', 'Channels']} />
            <tbody>
              {asked.value.map((user) => {
                const name = shown(user.name)
                return (
                  <tr key={user.name}>
                    <td>
                      <bdi>{name}</bdi>
                    </td>
                    <td>{entryText(user)}</td>
                    <td>
                      <bdi className="cell">{shown(user.commands)}</bdi>
                    </td>
                    <td>
                      <bdi className="cell">{shown(user.keys)}</bdi>
                    </td>
                    <td>
                      <bdi className="cell">{shown(user.channels)}</bdi>
                    </td>
                    <td className="row-actions">
                      <button
                        type="button"
                        aria-label={`What ${name} may do`}
                        onClick={() => setOpen({ what: 'try', user })}
                      >
                        Try
                      </button>
                      {access.canWrite ? (
                        <button
                          type="button"
                          aria-label={`Edit ${name}`}
                          onClick={() => setOpen({ what: 'edit', user })}
                        >
                          Edit
                        </button>
                      ) : null}
                      {access.canWrite && user.name !== DEFAULT ? (
                        <button
                          type="button"
                          aria-label={`Delete ${name}`}
                          onClick={() => setOpen({ what: 'delete', user })}
                        >
                          Delete
                        </button>
                      ) : null}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </section>
      )}
      {open?.what === 'edit' ? (
        <UserDialog user={open.user} onClose={close} onDone={asked.reload} onToken={setToken} />
      ) : null}
      {token === undefined ? null : <TokenDialog token={token} onClose={() => setToken(undefined)} />}
      {open?.what === 'try' ? <TryDialog user={open.user.name} onClose={close} /> : null}
      {open?.what === 'delete' ? (
        <FormDialog
          title="Delete this user?"
          action="Delete"
          isDangerous
          onClose={close}
          onSubmit={async () => {
            await rest.run('ACL', 'DELUSER', open.user.name)
            notices.say('The user is deleted.')
            asked.reload()
          }}
        >
          <p>
            <bdi>{shown(open.user.name)}</bdi> is cut off at once, and so are the tokens that were made for it.
          </p>
        </FormDialog>
      ) : null}
    </>
  )
}

function entryText({ isOn, needsNoPassword, passwords, selectors }: User): string {
  const how = needsNoPassword
    ? 'without a password'
    : passwords === 1
      ? 'with a password'
      : `with ${passwords} passwords`
  const more = selectors === 0 ? '' : `; ${selectors} more sets of rules`
  return (isOn ? how : 'not at all') + more
}
