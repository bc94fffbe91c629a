/** Commands that are read from a file: where they end, and what is none. */
import { describe, expect, test } from 'vitest'
import { Places } from '../../lib/base/places.ts'
import { CommandReader, Stop } from '../../lib/journal/commandreader.ts'
import type { Source } from '../../lib/persistence/files/files.ts'

/** A file's bytes, in memory. */
class ArraySource implements Source {
  #bytes: Uint8Array

  constructor(text: string) {
    this.#bytes = Buffer.from(text, 'latin1')
  }

  get left(): number {
    return this.#bytes.length
  }

  read(array: Uint8Array, offset: number): void {
    array.set(this.#bytes.subarray(0, array.length - offset), offset)
    this.#bytes = this.#bytes.subarray(array.length - offset)
  }
}

function read(text: string): Read {
  const [asText, byPlaces] = [readAll(text, false), readAll(text, true)]
  expect(byPlaces).toEqual(asText)
  return asText
}

interface Read {
  readonly commands: string[][]
  readonly stop: Stop
  readonly offset: number
  readonly timestamp: number
}

/** By their places what can be told so. */
function readAll(text: string, takesPlaces: boolean): Read {
  const reader = new CommandReader(new ArraySource(text))
  const commands: string[][] = []
  const places = new Places()
  for (;;) {
    if (takesPlaces && reader.place(places) > 0) {
      commands.push(places.argv())
      continue
    }
    const argv = reader.next()
    if (typeof argv === 'string') return { commands, stop: argv, offset: reader.offset, timestamp: reader.timestamp }
    commands.push(argv)
  }
}

const SET = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n'

describe('commands of a file', () => {
  test('are read to the end', () => {
    expect(read(SET + SET)).toMatchObject({
      commands: [
        ['SET', 'a', '1'],
        ['SET', 'a', '1'],
      ],
      stop: Stop.End,
    })
  })

  test('may be longer than what is read at once', () => {
    const long = 'x'.repeat(3_000_000)
    expect(read(`${SET}*2\r\n$3\r\nGET\r\n$${long.length}\r\n${long}\r\n${SET}`).commands[1][1]).toBe(long)
  })

  test('have annotations between them', () => {
    expect(read(`#TS:1628217470\r\n${SET}#other\r\n`)).toMatchObject({
      commands: [['SET', 'a', '1']],
      stop: Stop.End,
      timestamp: 1628217470,
    })
  })

  test('are torn wherever the file ends within one', () => {
    for (let length = 1; length < SET.length; length++) {
      const { commands, stop, offset } = read(SET + SET.slice(0, length))
      expect([commands.length, stop, offset]).toEqual([1, Stop.Torn, SET.length])
    }
  })

  test.each([
    '\0\0\0',
    'SET a 1\r\n',
    '*x\r\n',
    '*0\r\n',
    '*-1\r\n',
    '*1\r\n:1\r\n',
    '*1\r\n$-1\r\n',
    '*1\r\n$99999999999\r\n',
  ])('are not %j', (garbage) => {
    expect(read(SET + garbage)).toMatchObject({ commands: [['SET', 'a', '1']], stop: Stop.Garbage, offset: SET.length })
  })

  test('of which one claims more than there is, takes no memory for that', () => {
    expect(read('*1000000\r\n$500000000\r\nabc')).toMatchObject({ commands: [], stop: Stop.Torn, offset: 0 })
  })
})
