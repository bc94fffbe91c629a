/** The address under which a client reached us, by what it and the proxies before us say of it: `https://store.example`. */
export function reachedUrl(headers: Headers): URL {
  const protocol = firstOf(headers.get('x-forwarded-proto')).toLowerCase() === 'https' ? 'https' : 'http'
  for (const name of ['x-forwarded-host', 'host']) {
    const host = firstOf(headers.get(name))
    if (/^[\w.:[\]-]+$/.test(host) && URL.canParse(`${protocol}://${host}`)) return new URL(`${protocol}://${host}`)
  }
  return new URL(`${protocol}://localhost`)
}

/** The first entry of a header that may be a list; ''. */
function firstOf(header: string | null): string {
  return (
    header
      ?.split(',')
      .find((entry) => entry.trim() !== '')
      ?.trim() ?? ''
  )
}
