/** The page that the package ships: it stands at `…/console/`, and REST above it, whatever path a proxy puts before both. */
import { createRoot } from 'react-dom/client'
import { Console } from './console.tsx'

const rest = new URL('..', location.href)
const url = (rest.origin + rest.pathname).replace(/\/$/, '')

createRoot(document.getElementById('root')!).render(<Console rest={url} place={{ url, hostname: rest.hostname }} />)
