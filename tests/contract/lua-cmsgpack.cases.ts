/** What scripts find in cmsgpack; tests/scripting/libraries goes on at random. */
import { type CommandLine, contract } from './dsl.ts'

const lua = (code: string): CommandLine => ['EVAL', code, '0']
/** Bytes in hexadecimal, as all doors show them. */
const HEX = "local function hex(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end "
const hex = (bytes: string): CommandLine => lua(`${HEX}return hex(${bytes})`)
/** The message of the error that a function raises with its arguments. */
const problem = (call: string): CommandLine => lua(`return select(2, pcall(${call}))`)

export const cases = contract('lua-cmsgpack', {
  'cmsgpack.pack chooses the shortest form': [
    [hex('cmsgpack.pack(0)'), '00'],
    [hex('cmsgpack.pack(127)'), '7f'],
    [hex('cmsgpack.pack(128)'), 'cc80'],
    [hex('cmsgpack.pack(255)'), 'ccff'],
    [hex('cmsgpack.pack(256)'), 'cd0100'],
    [hex('cmsgpack.pack(65535)'), 'cdffff'],
    [hex('cmsgpack.pack(65536)'), 'ce00010000'],
    [hex('cmsgpack.pack(2^32-1)'), 'ceffffffff'],
    [hex('cmsgpack.pack(2^32)'), 'cf0000000100000000'],
    [hex('cmsgpack.pack(2^53)'), 'cf0020000000000000'],
    [hex('cmsgpack.pack(-1)'), 'ff'],
    [hex('cmsgpack.pack(-32)'), 'e0'],
    [hex('cmsgpack.pack(-33)'), 'd0df'],
    [hex('cmsgpack.pack(-128)'), 'd080'],
    [hex('cmsgpack.pack(-129)'), 'd1ff7f'],
    [hex('cmsgpack.pack(-32768)'), 'd18000'],
    [hex('cmsgpack.pack(-32769)'), 'd2ffff7fff'],
    [hex('cmsgpack.pack(-2^31)'), 'd280000000'],
    [hex('cmsgpack.pack(-2^31-1)'), 'd3ffffffff7fffffff'],
    [hex('cmsgpack.pack(1.5)'), 'ca3fc00000'],
    [hex('cmsgpack.pack(0.1)'), 'cb3fb999999999999a'],
    [hex('cmsgpack.pack(-0)'), '00'],
    [hex('cmsgpack.pack(2^63)'), 'ca5f000000'],
    [hex('cmsgpack.pack(1/0)'), 'ca7f800000'],
    [hex('cmsgpack.pack(true)'), 'c3'],
    [hex('cmsgpack.pack(false)'), 'c2'],
    [hex('cmsgpack.pack(nil)'), 'c0'],
    [hex('cmsgpack.pack(cjson.null)'), 'c0'],
    [hex('cmsgpack.pack(type)'), 'c0'],
    [hex("cmsgpack.pack('')"), 'a0'],
    [hex("cmsgpack.pack('abc')"), 'a3616263'],
    [hex("cmsgpack.pack(string.rep('a', 32))"), 'd9206161616161616161616161616161616161616161616161616161616161616161'],
    [
      lua(
        "return #cmsgpack.pack(string.rep('a', 255)) .. ' ' .. #cmsgpack.pack(string.rep('a', 256)) .. ' ' .. #cmsgpack.pack(string.rep('a', 65536))",
      ),
      '257 259 65541',
    ],
  ],
  'cmsgpack.pack takes a table for an array if its keys are 1 to n': [
    [hex('cmsgpack.pack({})'), '90'],
    [hex('cmsgpack.pack({1,2})'), '920102'],
    [hex('cmsgpack.pack({[2]=2,[1]=1})'), '920102'],
    [hex('cmsgpack.pack({a=1})'), '81a16101'],
    [hex('cmsgpack.pack({1,nil,3})'), '8201010303'],
    [hex('cmsgpack.pack({[0]=1})'), '810001'],
    [hex('cmsgpack.pack({{1},{}})'), '92910190'],
    [hex('cmsgpack.pack(1, {2}, "3")'), '019102a133'],
  ],
  'cmsgpack.pack packs tables deeper than 16 as nil': [
    [
      lua(HEX + 'local t = 1 for i = 1, 16 do t = {t} end return hex(cmsgpack.pack(t))'),
      '9191919191919191919191919191919101',
    ],
    [
      lua(HEX + 'local t = 1 for i = 1, 17 do t = {t} end return hex(cmsgpack.pack(t))'),
      '91919191919191919191919191919191c0',
    ],
    [lua(HEX + 'local t = {} t[1] = t return hex(cmsgpack.pack(t))'), '91919191919191919191919191919191c0'],
  ],
  'cmsgpack.pack refuses no or too many arguments': [
    [problem('cmsgpack.pack'), "bad argument #0 to '?' (MessagePack pack needs input.)"],
    [
      lua('local t = {} for i = 1, 5000 do t[i] = i end return select(2, pcall(cmsgpack.pack, unpack(t)))'),
      "bad argument #0 to '?' (Too many arguments for MessagePack pack.)",
    ],
  ],
  'cmsgpack.unpack gives back what was packed': [
    [lua("return cmsgpack.unpack(cmsgpack.pack({1, 'a', {b = {2}}, -5, 300, 70000}))"), [1, 'a', [], -5, 300, 70000]],
    [lua("return {cmsgpack.unpack(cmsgpack.pack(1, 'two', 3))}"), [1, 'two', 3]],
    [lua('return tostring(cmsgpack.unpack(cmsgpack.pack(0.1)))'), '0.1'],
    [lua("return cmsgpack.unpack(cmsgpack.pack({a = 'x'})).a"), 'x'],
  ],
  'cmsgpack.unpack reads forms that pack does not choose': [
    [lua("return cmsgpack.unpack('\\204\\5')"), 5],
    [lua("return cmsgpack.unpack('\\205\\0\\5')"), 5],
    [lua("return cmsgpack.unpack('\\206\\0\\0\\0\\5')"), 5],
    [lua("return cmsgpack.unpack('\\207\\0\\0\\0\\0\\0\\0\\0\\5')"), 5],
    [lua("return cmsgpack.unpack('\\208\\255')"), -1],
    [lua("return cmsgpack.unpack('\\209\\255\\254')"), -2],
    [lua("return cmsgpack.unpack('\\210\\255\\255\\255\\253')"), -3],
    [lua("return cmsgpack.unpack('\\211\\255\\255\\255\\255\\255\\255\\255\\252')"), -4],
    [lua("return cmsgpack.unpack('\\217\\1a')"), 'a'],
    [lua("return cmsgpack.unpack('\\218\\0\\1a')"), 'a'],
    [lua("return cmsgpack.unpack('\\219\\0\\0\\0\\1a')"), 'a'],
    [lua("return cmsgpack.unpack('\\220\\0\\1\\7')"), [7]],
    [lua("return cmsgpack.unpack('\\221\\0\\0\\0\\1\\7')"), [7]],
    [lua("return cmsgpack.unpack('\\222\\0\\1\\1\\7')[1]"), 7],
    [lua("return cmsgpack.unpack('\\223\\0\\0\\0\\1\\1\\7')[1]"), 7],
    [lua("return tostring(cmsgpack.unpack('\\207\\255\\255\\255\\255\\255\\255\\255\\255'))"), '-1'],
  ],
  'cmsgpack.unpack_one and unpack_limit say where to go on': [
    [lua("local s = cmsgpack.pack(1, 'two', 3) return {cmsgpack.unpack_one(s)}"), [1, 1]],
    [lua("local s = cmsgpack.pack(1, 'two', 3) return {cmsgpack.unpack_one(s, 1)}"), [5, 'two']],
    [lua("local s = cmsgpack.pack(1, 'two', 3) return {cmsgpack.unpack_one(s, 5)}"), [-1, 3]],
    [lua("local s = cmsgpack.pack(1, 'two', 3) return {cmsgpack.unpack_limit(s, 2)}"), [5, 1, 'two']],
    [lua("local s = cmsgpack.pack(1, 'two', 3) return {cmsgpack.unpack_limit(s, 2, 5)}"), [-1, 3]],
    [lua("local s = cmsgpack.pack(1, 'two', 3) return {cmsgpack.unpack_limit(s, 0)}"), [1, 'two', 3]],
  ],
  'cmsgpack.unpack refuses what is cut off, unknown or out of place': [
    [problem("cmsgpack.unpack, '\\146\\1'"), 'Missing bytes in input.'],
    [problem("cmsgpack.unpack, '\\217'"), 'Missing bytes in input.'],
    [problem("cmsgpack.unpack, '\\193'"), 'Bad data format in input.'],
    [problem("cmsgpack.unpack, '\\129\\192\\1'"), 'table index is nil'],
    [problem('cmsgpack.unpack'), "bad argument #1 to '?' (string expected, got no value)"],
    [problem('cmsgpack.unpack, {}'), "bad argument #1 to '?' (string expected, got table)"],
    [problem("cmsgpack.unpack_one, 'ab', 3"), 'Start offset 3 greater than input length 2.'],
    [problem("cmsgpack.unpack_one, 'ab', -1"), 'Invalid request to unpack with offset of -1 and limit of 2.'],
    [problem("cmsgpack.unpack_limit, 'ab', -1"), 'Invalid request to unpack with offset of 0 and limit of 2.'],
    [problem("cmsgpack.unpack_limit, 'ab'"), "bad argument #2 to '?' (number expected, got no value)"],
    [problem("cmsgpack.unpack, string.rep('\\145', 4000)"), 'stack overflow (in function mp_decode_to_lua_array)'],
  ],
})
