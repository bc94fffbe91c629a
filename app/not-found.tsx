/** For paths that are neither REST nor a page; Next's own has styles that the policy forbids. */
export default function NotFound() {
  return (
    <main>
      <h1>Nothing is here</h1>
      <p className="hint">
        The store is at <a href="/">the start</a>; REST wants a token.
      </p>
    </main>
  )
}
