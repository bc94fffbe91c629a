/** Chunks at the bounds of the libraries: depths, counts, signs and sizes, and what C does beyond them. */

const around = (...bounds: readonly number[]): number[] => bounds.flatMap((bound) => [bound - 1, bound, bound + 1])

/** Slots that Lua's stack gives a C function, and half of it, for tables that take two each. */
const STACK = around(3998, 4000, 7997, 8000)

const repeated = (text: string, count: number): string => `string.rep(${JSON.stringify(text)}, ${count})`

export const jsonDepths = [
  'local t = {} t.t = t return cjson.encode(t)',
  'local t = {} t[1] = t return cjson.encode(t)',
  ...around(1000).flatMap((depth) => [
    `local t = {} for i = 1, ${depth} do t = {t} end return #cjson.encode(t)`,
    `local t = {} for i = 1, ${depth} do t = {a = t} end return #cjson.encode(t)`,
    `return #cjson.encode(cjson.decode(${repeated('[', depth)} .. ${repeated(']', depth)}))`,
    `return #cjson.encode(cjson.decode(${repeated('{"a":', depth)} .. 1 .. ${repeated('}', depth)}))`,
  ]),
  'cjson.encode_max_depth(100000) local t = {} t[1] = t return cjson.encode(t)',
  'local t = {} t.x = t return cjson.encode(t)',
  'local t = {} t.x = {t} return cjson.encode(t)',
  'local t = {} for i = 1, 7000 do t = {t} end return #cjson.encode(t)',
  'return cjson.encode_max_depth(1000), cjson.decode_max_depth(100000)',
  ...STACK.flatMap((depth) => [
    `cjson.decode(${repeated('[', depth)} .. ${repeated(']', depth)})`,
    `cjson.decode(${repeated('{"a":', depth)} .. 1 .. ${repeated('}', depth)})`,
    `cjson.decode(${repeated('[{"a":', depth)} .. 1 .. ${repeated('}]', depth)})`,
  ]),
  'return cjson.decode_max_depth(1000)',
]

export const sparseArrays = [
  ...['[10]=1', '[11]=1', '[2]=2,[3]=3,[4]=4,[5]=5,[10]=1', '[2]=2,[3]=3,[4]=4,[5]=5,[11]=1', '[2]=2,[13]=1'],
  ...['[2^31]=1', '[2^31-1]=1', '[2^31]=1,[3]=3', '[1/0]=1', '[2^31]=1,[2]=3', '[2^53]=1,[4]=1', '[1e300]=1,[7]=1'],
].flatMap((pairs) => [`return cjson.encode({${pairs}})`, `return cjson.encode({[1]=1,${pairs}})`])

export const sparseSettings = [
  'return cjson.encode_sparse_array(true)',
  ...sparseArrays,
  'return cjson.encode_sparse_array(false, 0)',
  'return cjson.encode({[1]=1,[1000]=1}), cjson.encode({[7]=1,[12]=1,[5]=1})',
  'return cjson.encode_sparse_array(nil, 2^31-1)',
  ...[1, 2, 3].map((items) => `local t = {} for i = 1, ${items} do t[i] = 1 end t[1000] = 1 return cjson.encode(t)`),
  'return cjson.encode_sparse_array(false, 2, 10)',
]

export const messagePackDepths = [
  ...STACK.flatMap((count) => [
    `cmsgpack.unpack(string.rep("\\145", ${count}) .. "\\1")`,
    `cmsgpack.unpack(string.rep("\\129", ${count}) .. "\\1")`,
    `cmsgpack.unpack(string.rep("\\129\\1", ${count}) .. "\\1\\1")`,
    `cmsgpack.unpack(string.rep("\\145", ${count}) .. "\\144")`,
    `cmsgpack.unpack(string.rep("\\145", ${count}) .. "\\128")`,
    `return select("#", cmsgpack.unpack(string.rep("\\1", ${count})))`,
    `return select("#", cmsgpack.unpack_limit(string.rep("\\1", ${count}), ${count}, 0))`,
    `return select("#", cmsgpack.unpack_limit(string.rep("\\1", ${count}), ${count} - 1, 0))`,
  ]),
  ...[10, 11, 100, ...around(3999), 7000].map(
    (count) => `local t = {} for i = 1, ${count} do t[i] = i end return #cmsgpack.pack(unpack(t))`,
  ),
  ...around(16).flatMap((depth) => [
    `local t = 1 for i = 1, ${depth} do t = {t} end return cmsgpack.pack(t)`,
    `local t = 1 for i = 1, ${depth} do t = {a = t} end return cmsgpack.pack(t)`,
  ]),
  'local t = {} t.a = t return cmsgpack.pack(t)',
]

export const calls = [
  ...[
    'bit.band({})',
    'cjson.decode("[")',
    'cmsgpack.unpack("\\200")',
    'struct.pack("b")',
    'cjson.encode(type)',
  ].flatMap((call) => [
    `return ${call}`,
    `local function f() ${call} end f()`,
    `return (function() return ${call} end)()`,
    `local ok, problem = pcall(function() ${call} end) return problem`,
    `return coroutine.resume(coroutine.create(function() return ${call} end))`,
  ]),
  'local f = cjson.encode return f()',
  'local f = cjson.decode f({})',
  'local f = bit.band return f(nil)',
  'return pcall(bit.band)',
  'return pcall(cjson.decode, "{")',
  'return bit:band(1)',
  'return struct:pack("b", 1)',
  'return cmsgpack:unpack(1)',
  `return coroutine.resume(coroutine.create(function()
     return cjson.encode({1, {a = 2}}), cmsgpack.unpack(cmsgpack.pack({1})), bit.band(7, 2), cjson.decode('[1,{"a":null}]')
   end))`,
  'return cjson.encode({setmetatable({}, {__index = function() return 5 end}), setmetatable({1}, {__len = print})})',
  'return cmsgpack.pack(setmetatable({}, {__index = function() return 5 end}), setmetatable({1}, {__metatable = 1}))',
  'local a = cjson.new() local b = a.new() return a.encode_max_depth(7), b.encode_max_depth(), cjson.encode_max_depth()',
  'local out = {} for key, value in pairs(cjson.new()) do if key ~= "decode_array_with_array_mt" then out[#out + 1] = key .. type(value) end end table.sort(out) return out',
]

export const longStrings = [
  'return cjson.encode(string.rep("\\1", 100000)):len()',
  'return cjson.decode(cjson.encode(string.rep("\\1x", 100000))):len()',
  'return #cmsgpack.pack(string.rep("x", 100000), string.rep("y", 70000))',
  'return #struct.pack("c0s", string.rep("x", 100000), "y")',
]

export const notNumbers = [
  'return cjson.decode("nan"), cjson.decode("-nan"), cjson.decode("-inf"), cjson.decode("[nan,-nan]")',
  'return cmsgpack.pack(0/0, -(0/0))',
  'return cmsgpack.unpack(cmsgpack.pack(0/0, -(0/0)))',
  'return struct.pack("<d>df<f", 0/0, 0/0, 0/0, -(0/0))',
  'return struct.unpack("fd", struct.pack("fd", 0/0, -(0/0)))',
  'return struct.pack("d", cmsgpack.unpack("\\202\\127\\160\\0\\3"))',
  'return struct.pack("f", cmsgpack.unpack("\\203\\127\\240\\0\\0\\0\\0\\0\\1"))',
  'return struct.pack("f", cmsgpack.unpack("\\203\\255\\250\\18\\52\\86\\120\\154\\188"))',
  'return cmsgpack.unpack("\\129\\203\\127\\248\\0\\0\\0\\0\\0\\0\\1")',
]

export const hexadecimals = [
  ...['0x', '-0x', '+0X', ' 0x ', '0x\\0z', '0x\\n', '0xg', '0x.', '0x1p', '12x', 'x', '0x0', '-0x1 ', '0x.8', '0x1p3'],
].flatMap((text) => [
  `return tonumber("${text}"), tonumber("${text}", 16)`,
  `return "${text}" + 1`,
  `return string.rep("x", "${text}")`,
])

export const structs = [
  ...['1e39', '1e-50', '2^63', '-2^63', '2^64', '-2^64', '1/0', '-1/0', '0/0', '-1.5', '1.9'].flatMap((value) =>
    ['f', 'l', 'L', 'i3', 'I9', '>i12', 'd'].map((option) => `return struct.pack("${option}", ${value})`),
  ),
  ...['i9', 'I9', 'i16', '>i12', 'i32', 'l', 'L', 'T', 'i0'].flatMap((option) =>
    ['\\255', '\\1', '\\128'].map((byte) => `return struct.unpack("${option}", string.rep("${byte}", 32))`),
  ),
  ...['abc', '\\2abc', '\\9abc', '\\255abc'].map((data) => `return struct.unpack("bc0", "${data}")`),
  ...['c0', 'c1c0', 'sc0', 'fc0', 'bbc0'].map((format) => `return struct.unpack("${format}", "2\\0bc\\0defgh")`),
  ...['-1', '-2', '-7', '-8', '2^63', '-2^63', '9', '0/0', '1/0'].map(
    (position) => `return struct.unpack("!8l", "12345678", ${position})`,
  ),
  ...[10, ...STACK].map(
    (count) => `return select("#", struct.unpack(string.rep("b", ${count}), string.rep("\\1", ${count})))`,
  ),
  'return struct.size("c2147483647c2147483647c2147483647")',
  'return struct.pack("b\\0b", 1)',
  'return struct.pack("s", "a\\0b")',
  'return struct.unpack("ss", "abc\\0def\\0")',
]
