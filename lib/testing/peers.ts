/** Packages that the fixtures of a test runner need, and an error with the line that installs them where they are not there. */

/** @throws Error that names the line, if `error` says that `name` is not installed; otherwise the error itself */
export function missingPeer(name: string, entry: string, error: unknown): never {
  const { code, message = '' } = error as { readonly code?: string; readonly message?: string }
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
  if (!isMissing || !message.includes(`'${name}'`)) throw error
  throw new Error(`${entry} needs ${name}: npm i -D ${name}`, { cause: error })
}
