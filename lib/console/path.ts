/** Where the console's page is, below the path of REST. Apart from the page, which most stores never show. */

export const CONSOLE_PATH = '/console'

/** True for what the console answers. */
export function isConsolePath(path: string): boolean {
  return path.startsWith(CONSOLE_PATH) && (path.length === CONSOLE_PATH.length || path[CONSOLE_PATH.length] === '/')
}
