import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changelogOf, nextVersion, prepare, ReleaseError, release } from '../../packaging/release.ts'

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n'
const date = '2026-11-30'

test('the next version', () => {
  expect((['patch', 'minor', 'major'] as const).map((step) => nextVersion('1.2.3', step))).toEqual([
    '1.2.4',
    '1.3.0',
    '2.0.0',
  ])
})

describe('the changelog', () => {
  test('puts what is unreleased under the version', () => {
    expect(changelogOf('0.2.0', CHANGELOG, date)).toBe(
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-30)\n\n- New.\n\n## 0.1.0 (2026-01-01)\n\n- Old.\n',
    )
  })

  test('must have something to say', () => {
    expect(() => changelogOf('0.2.0', CHANGELOG.replace('- New.\n', ''), date)).toThrow('Nothing is unreleased.')
    expect(() => changelogOf('0.2.0', '# Changelog\n', date)).toThrow('CHANGELOG.md has no "## Unreleased".')
  })
})

describe('a release', () => {
  const FILES = {
    'package.json': '{\n  "name": "x",\n  "version": "0.1.0"\n}\n',
    'package-lock.json':
      '{ "version": "0.1.0", "packages": { "": { "version": "0.1.0" }, "node_modules/y": { "version": "0.1.0" } } }',
    'lib/base/version.ts': "export const ZERODIS_VERSION: Bytes = '0.1.0'\n",
    'CHANGELOG.md': CHANGELOG,
  }
  let folder: string
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim()
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8')

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'))
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    git('init', '--quiet')
    git('config', 'user.name', 'Test')
    git('config', 'user.email', 'test@example.com')
    git('add', '.')
    git('commit', '--quiet', '--message', 'first')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('changes the version wherever it stands, commits and tags', () => {
    expect(release({ folder, step: 'minor', date })).toBe('0.2.0')
    expect(JSON.parse(read('package.json')).version).toBe('0.2.0')
    expect(JSON.parse(read('package-lock.json'))).toEqual({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' }, 'node_modules/y': { version: '0.1.0' } },
    })
    expect(read('lib/base/version.ts')).toContain("'0.2.0'")
    expect(read('CHANGELOG.md')).toContain('## 0.2.0 (2026-11-30)')
    expect(git('log', '-1', '--format=%s')).toBe('release: 0.2.0')
    expect(git('describe', '--exact-match')).toBe('v0.2.0')
    expect(git('status', '--porcelain')).toBe('')
  })

  test('that is only prepared changes nothing', () => {
    expect([...prepare({ folder, step: 'patch', date }).files.keys()]).toEqual(Object.keys(FILES))
    expect(git('status', '--porcelain')).toBe('')
    expect(git('tag')).toBe('')
  })

  test('is refused over changes that are not committed, and where its tag exists', () => {
    git('tag', 'v0.2.0')
    expect(() => release({ folder, step: 'minor', date })).toThrow(new ReleaseError('There is a tag v0.2.0 already.'))
    writeFileSync(join(folder, 'package.json'), FILES['package.json'].replace('"x"', '"y"'))
    expect(() => release({ folder, step: 'patch', date })).toThrow('There are changes that are not committed.')
    expect(read('CHANGELOG.md')).toBe(CHANGELOG)
  })
})
