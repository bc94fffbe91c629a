import type { Metadata, Viewport } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import '../console/console.css'

export const metadata: Metadata = {
  title: 'zerodis',
  description: 'A Redis that lives inside your JavaScript process.',
  robots: { index: false },
}

export const viewport: Viewport = { colorScheme: 'light dark' }

export default async function Layout({ children }: { children: ReactNode }) {
  await connection() // a page made ahead of its request could not hold the request's nonce
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
