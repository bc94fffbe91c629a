/** The manifest of an append-only log: what Redis takes, and what it refuses in which words. */
import { describe, expect, test } from 'vitest'
import { ManifestFault, parseManifest } from '../../lib/journal/manifest.ts'

const TEXT = `file appendonly.aof.2.base.rdb seq 2 type b
file appendonly.aof.1.incr.aof seq 1 type h
file appendonly.aof.4.incr.aof seq 4 type i
file appendonly.aof.5.incr.aof seq 5 type i
`

function fault(text: string): string {
  try {
    parseManifest(text)
  } catch (error) {
    if (error instanceof ManifestFault) return error.message
    throw error
  }
  return 'none'
}

describe('a manifest', () => {
  test('is written as it was read', () => {
    expect(parseManifest(TEXT).text).toBe(TEXT)
  })

  test('passes over comments and columns that it does not know', () => {
    const manifest = parseManifest('# a comment\nfile a.1.base.rdb seq 1 type b newkey newvalue\n')
    expect(manifest.text).toBe('file a.1.base.rdb seq 1 type b\n')
  })

  test('quotes a name that needs it', () => {
    const manifest = parseManifest('file "file seq \\n\\n seq 1.aof.1.base.rdb" seq 1 type b\n')
    expect(manifest.base!.name).toBe('file seq \n\n seq 1.aof.1.base.rdb')
    expect(parseManifest(manifest.text).base).toEqual(manifest.base)
  })

  test('goes on counting where it was', () => {
    const manifest = parseManifest(TEXT)
    const next = manifest.withIncrement('appendonly.aof')
    expect(next.increments.at(-1)).toEqual({ name: 'appendonly.aof.6.incr.aof', seq: 6 })
    const rewritten = next.withBase('appendonly.aof', true, 1)
    expect(rewritten.text).toBe(
      'file appendonly.aof.3.base.rdb seq 3 type b\n' +
        'file appendonly.aof.4.incr.aof seq 4 type h\n' +
        'file appendonly.aof.5.incr.aof seq 5 type h\n' +
        'file appendonly.aof.2.base.rdb seq 2 type h\n' +
        'file appendonly.aof.1.incr.aof seq 1 type h\n' +
        'file appendonly.aof.6.incr.aof seq 6 type i\n',
    )
    expect(rewritten.withoutHistory().withIncrement('appendonly.aof').increments.at(-1)!.seq).toBe(7)
  })

  test.each([
    ['', 'Found an empty AOF manifest'],
    ['\n', 'Invalid AOF manifest file format'],
    ['file a seq 1 type i', 'The AOF manifest file contains too long line'],
    [`file ${'a'.repeat(1100)} seq 1 type i\n`, 'The AOF manifest file contains too long line'],
    ['file a seq 1 type\n', 'Invalid AOF manifest file format'],
    ['file a seq 1\n', 'Invalid AOF manifest file format'],
    ['filx a seq 1 type i\n', 'Invalid AOF manifest file format'],
    ['file a seq 0 type i\n', 'Invalid AOF manifest file format'],
    ['file ../a seq 1 type i\n', "File can't be a path, just a filename"],
    ['file a seq 1 type b\nfile b seq 2 type b\n', 'Found duplicate base file information'],
    ['file a seq 2 type i\nfile b seq 1 type i\n', 'Found a non-monotonic sequence number'],
    ['file a seq 1 type x\n', 'Unknown AOF file type'],
  ])('%j: %s', (text, reason) => {
    expect(fault(text)).toBe(reason)
  })
})
