/** For paths that are neither REST nor a page; Next's own has styles that the policy forbids. */
export default function NotFound() {
  return (
    <main className="sign-in">
      <h1>Nothing is here</h1>
      <p className="hint">
        The console is at <a href={`${process.env.BASE_PATH ?? ''}/`}>the start</a>; REST wants a token.
      </p>
    </main>
  )
}
