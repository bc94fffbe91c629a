/** The form of a user. What it does not show (passwords that are there, sets of rules beside the first) stays as it is. */
import { CopyButton } from '../parts/buttons.tsx'
import { Dialog, Field, FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { fromText, toText } from '../wire/bytes.ts'
import { setUserCommand, type User } from './users.ts'

export const NEW_USER: User = {
  name: '',
  isOn: true,
  needsNoPassword: false,
  passwords: 0,
  commands: '+@read',
  keys: '~*',
  channels: '',
  selectors: 0,
}

interface UserDialogProps {
  readonly user: User
  readonly onClose: () => void
  readonly onDone: () => void
  /** A token of REST was made. */
  readonly onToken: (token: string) => void
}

export function UserDialog({ user, onClose, onDone, onToken }: UserDialogProps) {
  const { rest } = useStore()
  const isNew = user === NEW_USER
  const save = async (form: FormData): Promise<void> => {
    const text = (name: string): string => String(form.get(name) ?? '')
    const name = isNew ? text('name') : toText(user.name)!
    await rest.run(
      ...setUserCommand({
        name,
        isOn: form.has('isOn'),
        needsNoPassword: form.has('nopass'),
        password: text('password'),
        commands: text('commands'),
        keys: text('keys'),
        channels: text('channels'),
      }),
    )
    onDone()
    if (!form.has('token')) return
    onToken(String(await rest.run('ACL', 'RESTTOKEN', fromText(name), fromText(text('password')))))
  }
  return (
    <FormDialog title={isNew ? 'New user' : 'Edit the user'} action="Save" onClose={onClose} onSubmit={save}>
      {isNew ? <Field label="Name" name="name" /> : null}
      <p>
        <Check name="isOn" label="Comes in" isOn={user.isOn} />
        <Check name="nopass" label="Without a password" isOn={user.needsNoPassword} />
        <Check name="token" label="Make a token of REST" isOn={false} />
      </p>
      <Field
        label="New password"
        name="password"
        isOptional
        hint={
          user.passwords === 0
            ? 'A token of REST needs one.'
            : 'It comes in beside those that are there. A token of REST needs one.'
        }
      />
      <Field label="Commands" name="commands" value={user.commands} isOptional hint="+get -set +@read +config|get" />
      <Field label="Keys" name="keys" value={user.keys} isOptional hint="~app:* %R~shared:* for reading alone" />
      <Field label="Channels" name="channels" value={user.channels} isOptional hint="&news:*" />
    </FormDialog>
  )
}

function Check({ name, label, isOn }: { name: string; label: string; isOn: boolean }) {
  return (
    <label className="check">
      <input type="checkbox" name={name} defaultChecked={isOn} /> {label}
    </label>
  )
}

/** A token is told once: the store does not keep it. */
export function TokenDialog({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Dialog title="Token of REST" onClose={onClose}>
      <div className="dialog-body">
        <p>With it the user comes in over REST, and into this console.</p>
        <p className="token">
          <code>{token}</code>
          <CopyButton text={token} label="Copy the token" />
        </p>
      </div>
    </Dialog>
  )
}
