/** What scripts find in struct and bit, and what the four libraries have in common; tests/scripting/libraries goes on at random. */
import { type CommandLine, contract } from './dsl.ts'

const lua = (code: string): CommandLine => ['EVAL', code, '0']
/** Bytes in hexadecimal, as all doors show them. */
const HEX = "local function hex(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end "
const hex = (bytes: string): CommandLine => lua(`${HEX}return hex(${bytes})`)
/** The message of the error that a function raises with its arguments. */
const problem = (call: string): CommandLine => lua(`return select(2, pcall(${call}))`)
/** The same for code that calls it. */
const caught = (code: string): CommandLine => lua(`return select(2, pcall(function() ${code} end))`)

export const cases = contract('lua-struct-bit', {
  'the libraries have the names and constants of Redis': {
    since: '8.4',
    steps: [
      [
        lua(
          "local out = {} for _, name in ipairs({'cjson', 'cmsgpack', 'struct', 'bit'}) do for key, value in pairs(_G[name]) do out[#out + 1] = name .. '.' .. key .. ' ' .. (type(value) == 'string' and value or type(value)) end end table.sort(out) return out",
        ),
        [
          'bit.arshift function',
          'bit.band function',
          'bit.bnot function',
          'bit.bor function',
          'bit.bswap function',
          'bit.bxor function',
          'bit.lshift function',
          'bit.rol function',
          'bit.ror function',
          'bit.rshift function',
          'bit.tobit function',
          'bit.tohex function',
          'cjson._NAME cjson',
          'cjson._VERSION 2.1.0',
          'cjson.decode function',
          'cjson.decode_array_with_array_mt function',
          'cjson.decode_invalid_numbers function',
          'cjson.decode_max_depth function',
          'cjson.encode function',
          'cjson.encode_invalid_numbers function',
          'cjson.encode_keep_buffer function',
          'cjson.encode_max_depth function',
          'cjson.encode_number_precision function',
          'cjson.encode_sparse_array function',
          'cjson.new function',
          'cjson.null userdata',
          'cmsgpack._COPYRIGHT Copyright (C) 2012, Salvatore Sanfilippo',
          'cmsgpack._DESCRIPTION MessagePack C implementation for Lua',
          'cmsgpack._NAME cmsgpack',
          'cmsgpack._VERSION lua-cmsgpack 0.4.0',
          'cmsgpack.pack function',
          'cmsgpack.unpack function',
          'cmsgpack.unpack_limit function',
          'cmsgpack.unpack_one function',
          'struct.pack function',
          'struct.size function',
          'struct.unpack function',
        ],
      ],
    ],
  },
  'struct.pack and unpack know all options': [
    [
      hex("struct.pack('bBhHlLTiI', 1, 2, 3, 4, 5, 6, 7, 8, 9)"),
      '0102030004000500000000000000060000000000000007000000000000000800000009000000',
    ],
    [
      hex("struct.pack('>bBhHlLTiI', 1, 2, 3, 4, 5, 6, 7, 8, 9)"),
      '0102000300040000000000000005000000000000000600000000000000070000000800000009',
    ],
    [hex("struct.pack('i3I5', -2, 2)"), 'feffff0200000000'],
    [hex("struct.pack('>i3I5', -2, 2)"), 'fffffe0000000002'],
    [hex("struct.pack('i16', -1)"), 'ffffffffffffffff0000000000000000'],
    [hex("struct.pack('fd', 1.5, 0.1)"), '0000c03f9a9999999999b93f'],
    [hex("struct.pack('>fd', 1.5, 0.1)"), '3fc000003fb999999999999a'],
    [hex("struct.pack('sc2c0x', 'ab', 'cde', 'fg')"), '6162006364666700'],
    [hex("struct.pack('!8bdb!4l', 1, 2, 3, 4)"), '01000000000000000000000000000040030000000400000000000000'],
    [hex("struct.pack('>h <h h', 1, 1, 1)"), '000101000100'],
    [hex("struct.pack('lL', -1.9, 2^64)"), 'ffffffffffffffff0000000000000000'],
    [
      lua("return {struct.unpack('bBhHlLTiI', struct.pack('bBhHlLTiI', -1, 255, -2, 65534, -3, 4, 5, -6, 7))}"),
      [-1, 255, -2, 65534, -3, 4, 5, -6, 7, 39],
    ],
    [
      lua("return {struct.unpack('>i3i12sc2xb', struct.pack('>i3i12sc2xb', -2, -3, 'abc', 'de', 1))}"),
      [-2, -3, 'abc', 'de', 1, 24],
    ],
    [lua("return {struct.unpack('bc0', '\\3abcd')}"), ['abc', 5]],
    [lua("return {struct.unpack('b', 'abc', 3)}"), [99, 4]],
    [
      lua("local f, d = struct.unpack('fd', struct.pack('fd', 0.5, 0.25)) return tostring(f) .. ' ' .. tostring(d)"),
      '0.5 0.25',
    ],
  ],
  'struct.size adds up fixed sizes with their alignment': [
    [
      lua(
        "return {struct.size('bhlifdxc5'), struct.size('!8bd'), struct.size('!4bd'), struct.size('!bhb i3'), struct.size(''), struct.size('q')}",
      ),
      [33, 16, 12, 10, 0, 0],
    ],
  ],
  'struct refuses bad formats and short data': [
    [problem("struct.pack, 'y', 1"), "bad argument #1 to '?' (invalid format option 'y')"],
    [problem("struct.pack, 'i33', 1"), 'integral size 33 is larger than limit of 32'],
    [problem("struct.pack, 'i99999999999', 1"), 'integral size overflow'],
    [problem("struct.pack, '!3i', 1"), 'alignment 3 is not a power of 2'],
    [problem("struct.pack, 'i'"), "bad argument #2 to '?' (number expected, got nil)"],
    [problem("struct.pack, 'i', 'x'"), "bad argument #2 to '?' (number expected, got string)"],
    [problem("struct.pack, 's', {}"), "bad argument #2 to '?' (string expected, got table)"],
    [problem("struct.pack, 'c5', 'abc'"), "bad argument #3 to '?' (string too short)"],
    [problem('struct.pack'), "bad argument #1 to '?' (string expected, got no value)"],
    [problem("struct.unpack, 'i', 'abc'"), "bad argument #2 to '?' (data string too short)"],
    [problem("struct.unpack, 'i', 'abcd', 2"), "bad argument #2 to '?' (data string too short)"],
    [problem("struct.unpack, 'i', 'abcd', 0"), "bad argument #3 to '?' (offset must be 1 or greater)"],
    [problem("struct.unpack, 'i', 'abcd', -1"), "bad argument #2 to '?' (data string too short)"],
    [problem("struct.unpack, 's', 'abc'"), 'unfinished string in data'],
    [problem("struct.unpack, 'c0', 'abc'"), "format 'c0' needs a previous size"],
    [problem("struct.unpack, 'bc0', '\\9abc'"), "bad argument #2 to '?' (data string too short)"],
    [problem("struct.unpack, 'i'"), "bad argument #2 to '?' (string expected, got no value)"],
    [problem("struct.size, 's'"), "bad argument #1 to '?' (option 's' has no fixed size)"],
    [problem("struct.size, 'c0'"), "bad argument #1 to '?' (option 'c0' has no fixed size)"],
    [problem("struct.size, '%'"), "bad argument #1 to '?' (invalid format option '%')"],
  ],
  'bit works on 32 bits and gives signed numbers': [
    [
      lua(
        "return {bit.tobit(2^32-1), bit.tobit(2^32), bit.tobit(2^31), bit.tobit(-1), bit.tobit(1.5), bit.tobit(2.5), bit.tobit('0x10')}",
      ),
      [-1, 0, -2147483648, -1, 2, 2, 16],
    ],
    [
      lua('return {bit.bnot(0), bit.bnot(2^31), bit.bswap(0x12345678), bit.bswap(1)}'),
      [-1, 2147483647, 2018915346, 16777216],
    ],
    [lua('return {bit.band(12, 10, 8), bit.bor(1, 2, 2^31), bit.bxor(-1, 1), bit.band(5)}'), [8, -2147483645, -2, 5]],
    [
      lua(
        'return {bit.lshift(1, 31), bit.lshift(1, 32), bit.rshift(-1, 1), bit.arshift(-8, 2), bit.rol(2^31, 1), bit.ror(1, 1), bit.rol(5, 0)}',
      ),
      [-2147483648, 1, 2147483647, -2, 1, -2147483648, 5],
    ],
    [
      lua(
        'return {bit.tohex(255), bit.tohex(-1), bit.tohex(255, 2), bit.tohex(0xabcd, -4), bit.tohex(1, 0), bit.tohex(1, 20)}',
      ),
      ['000000ff', 'ffffffff', 'ff', 'ABCD', '', '00000001'],
    ],
  ],
  'bit refuses what is no number': [
    [problem('bit.band'), "bad argument #1 to '?' (number expected, got no value)"],
    [problem('bit.band, nil'), "bad argument #1 to '?' (number expected, got nil)"],
    [problem('bit.bor, 1, {}'), "bad argument #2 to '?' (number expected, got table)"],
    [problem("bit.tobit, 'x'"), "bad argument #1 to '?' (number expected, got string)"],
    [problem('bit.lshift, 1'), "bad argument #2 to '?' (number expected, got no value)"],
    [problem('bit.tohex, 1, nil'), "bad argument #2 to '?' (number expected, got nil)"],
  ],
  'bad arguments are named by the function and the position of the call': [
    [caught("return cjson.decode('[')"), 'user_script:1: Expected value but found T_END at character 2'],
    [caught('return bit.band({})'), "user_script:1: bad argument #1 to 'band' (number expected, got table)"],
    [caught("return cmsgpack.unpack('\\217')"), 'user_script:1: Missing bytes in input.'],
    [caught("return struct.pack('y')"), "user_script:1: bad argument #1 to 'pack' (invalid format option 'y')"],
  ],
})
