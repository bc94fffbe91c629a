/** What scripts find in cjson; tests/scripting/libraries goes on at random. */
import { type CommandLine, contract, where } from './dsl.ts'

const lua = (code: string): CommandLine => ['EVAL', code, '0']
/** The JSON text of a value. */
const encode = (value: string): CommandLine => lua(`return cjson.encode(${value})`)
/** The message of the error that a function raises with its arguments. */
const problem = (call: string): CommandLine => lua(`return select(2, pcall(${call}))`)
/** With cjson as `c`, in which decoded arrays are marked. */
const marking = (code: string): CommandLine => lua(`local c = cjson.new() c.decode_array_with_array_mt(true) ${code}`)

export const cases = contract('lua-cjson', {
  'cjson.encode writes numbers with 14 digits': [
    [encode('1'), '1'],
    [encode('-0'), '-0'],
    [encode('0.1'), '0.1'],
    [encode('1/3'), '0.33333333333333'],
    [encode('1e14'), '1e+14'],
    [encode('1e15'), '1e+15'],
    [encode('123456789012345'), '1.2345678901234e+14'],
    [encode('12345678901234.5'), '12345678901234'],
    [encode('1e-5'), '1e-05'],
    [encode('2^53'), '9.007199254741e+15'],
    [encode('-1.5e300'), '-1.5e+300'],
  ],
  'cjson.encode escapes strings byte for byte': [
    [encode("'a/b\"c\\\\d'"), '"a\\/b\\"c\\\\d"'],
    [encode("'\\0\\1\\8\\9\\10\\12\\13\\31\\127'"), '"\\u0000\\u0001\\b\\t\\n\\f\\r\\u001f\\u007f"'],
    [encode("'\\195\\169'"), '"\xc3\xa9"'],
  ],
  'cjson.encode writes other scalars': [
    [encode('true'), 'true'],
    [encode('false'), 'false'],
    [encode('nil'), 'null'],
    [encode('cjson.null'), 'null'],
  ],
  'cjson.encode takes a table for an array if its keys are integers from 1': [
    [encode('{}'), '{}'],
    [encode('{1,2,3}'), '[1,2,3]'],
    [encode('{1,nil,3}'), '[1,null,3]'],
    [encode('{[1]=1,[2]=2}'), '[1,2]'],
    [encode('{[0]=1}'), '{"0":1}'],
    [encode('{[-1]=1}'), '{"-1":1}'],
    [encode('{[1.5]=1}'), '{"1.5":1}'],
    [encode('{a=1}'), '{"a":1}'],
    [encode('{1,a=2}'), '{"1":1,"a":2}'],
    [encode('{{},{{}}}'), '[{},[{}]]'],
    [encode('{[1]=1,[10]=10}'), '[1,null,null,null,null,null,null,null,null,10]'],
    [encode('{[2^31]=1}'), '{"2147483648":1}'],
  ],
  'cjson.encode refuses what JSON has no form for': [
    [problem('cjson.encode, type'), 'Cannot serialise function: type not supported'],
    [problem('cjson.encode, {[true]=1}'), 'Cannot serialise boolean: table key must be a number or string'],
    [problem('cjson.encode, {[{}]=1}'), 'Cannot serialise table: table key must be a number or string'],
    [problem('cjson.encode, 1/0'), 'Cannot serialise number: must not be NaN or Inf'],
    [problem('cjson.encode, {0/0}'), 'Cannot serialise number: must not be NaN or Inf'],
    [problem('cjson.encode, {[1]=1,[11]=11}'), 'Cannot serialise table: excessively sparse array'],
    [problem('cjson.encode'), "bad argument #1 to '?' (expected 1 argument)"],
    [problem('cjson.encode, 1, 2'), "bad argument #1 to '?' (expected 1 argument)"],
  ],
  'cjson.encode and decode refuse to nest deeper than 1000': [
    [lua('local t = {} for i = 1, 999 do t = {t} end return #cjson.encode(t)'), 2000],
    [
      lua('local t = {} for i = 1, 1000 do t = {t} end return select(2, pcall(cjson.encode, t))'),
      'Cannot serialise, excessive nesting (1001)',
    ],
    [lua("return #cjson.encode(cjson.decode(string.rep('[', 1000) .. string.rep(']', 1000)))"), 2000],
    [problem("cjson.decode, string.rep('[', 1001)"), 'Found too many nested data structures (1001) at character 1001'],
    [
      lua('local t = {} t.t = t return select(2, pcall(cjson.encode, t))'),
      'Cannot serialise, excessive nesting (1001)',
    ],
  ],
  'cjson.decode reads all of JSON': [
    [
      lua('return cjson.encode(cjson.decode([=[{"a": [1, -2.5, 1e3, true, false], "b": {}, "c": null}]=]))'),
      '{"a":[1,-2.5,1000,true,false],"c":null,"b":{}}',
    ],
    [
      lua('return cjson.encode(cjson.decode([=[" \\u0041\\u00e9\\u20ac\\ud83d\\ude00 \\/\\\\\\"\\b\\f\\n\\r\\t"]=]))'),
      '" A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \\/\\\\\\"\\b\\f\\n\\r\\t"',
    ],
    [lua('return cjson.encode(cjson.decode([=[[[[]]]]=]))'), '[[{}]]'],
    [lua('return cjson.encode(cjson.decode([=[12]=]))'), '12'],
    [lua('return cjson.encode(cjson.decode([=[ "x" ]=]))'), '"x"'],
    [lua('return cjson.encode(cjson.decode([=[{"a":1,"a":2}]=]))'), '{"a":2}'],
  ],
  'cjson.decode gives null as cjson.null': [
    [lua("return tostring(cjson.decode('null') == cjson.null)"), 'true'],
    [lua("return type(cjson.decode('[null]')[1])"), 'userdata'],
  ],
  'cjson.decode takes what C reads as a number': [
    [lua("return tostring(cjson.decode('0x10'))"), '16'],
    [lua("return tostring(cjson.decode('007'))"), '7'],
    [lua("return tostring(cjson.decode('-0x1p4'))"), '-16'],
    [lua("return tostring(cjson.decode('1.'))"), '1'],
    [lua("return tostring(cjson.decode('-.5'))"), '-0.5'],
    [lua("return tostring(cjson.decode('inf')) .. tostring(cjson.decode('-Infinity'))"), 'inf-inf'],
    [lua("return tostring(cjson.decode('nan') ~= cjson.decode('nan'))"), 'true'],
  ],
  'cjson.decode says what it expected and where': [
    [problem("cjson.decode, ''"), 'Expected value but found T_END at character 1'],
    [problem("cjson.decode, ' '"), 'Expected value but found T_END at character 2'],
    [problem("cjson.decode, '['"), 'Expected value but found T_END at character 2'],
    [problem("cjson.decode, '[1'"), 'Expected comma or array end but found T_END at character 3'],
    [problem("cjson.decode, '[1 2]'"), 'Expected comma or array end but found T_NUMBER at character 4'],
    [problem("cjson.decode, '[1,]'"), 'Expected value but found T_ARR_END at character 4'],
    [problem("cjson.decode, '{'"), 'Expected object key string but found T_END at character 2'],
    [problem("cjson.decode, '{1:2}'"), 'Expected object key string but found T_NUMBER at character 2'],
    [problem('cjson.decode, \'{"a" 1}\''), 'Expected colon but found T_NUMBER at character 6'],
    [problem('cjson.decode, \'{"a":1\''), 'Expected comma or object end but found T_END at character 7'],
    [problem('cjson.decode, \'{"a":1]\''), 'Expected comma or object end but found T_ARR_END at character 7'],
    [problem('cjson.decode, \'{"a":}\''), 'Expected value but found T_OBJ_END at character 6'],
    [problem("cjson.decode, 'nul'"), 'Expected value but found invalid token at character 1'],
    [problem("cjson.decode, 'tru'"), 'Expected value but found invalid token at character 1'],
    [problem("cjson.decode, 'x'"), 'Expected value but found invalid token at character 1'],
    [problem("cjson.decode, '-'"), 'Expected value but found invalid number at character 1'],
    [problem("cjson.decode, '\"abc'"), 'Expected value but found unexpected end of string at character 5'],
    [problem('cjson.decode, \'"\\\\x"\''), 'Expected value but found invalid escape code at character 2'],
    [problem('cjson.decode, \'"\\\\u12"\''), 'Expected value but found invalid unicode escape code at character 2'],
    [problem('cjson.decode, \'"\\\\ud83d"\''), 'Expected value but found invalid unicode escape code at character 2'],
    [problem('cjson.decode, \'"\\\\ude00"\''), 'Expected value but found invalid unicode escape code at character 2'],
    [problem("cjson.decode, '1 2'"), 'Expected the end but found T_NUMBER at character 3'],
    [problem("cjson.decode, '{}}'"), 'Expected the end but found T_OBJ_END at character 3'],
    [problem("cjson.decode, 'a\\0'"), 'JSON parser does not support UTF-16 or UTF-32'],
    [problem("cjson.decode, '\\0a'"), 'JSON parser does not support UTF-16 or UTF-32'],
    [problem("cjson.decode, '[1,\\0]'"), 'Expected value but found T_END at character 4'],
    [problem('cjson.decode'), "bad argument #1 to '?' (expected 1 argument)"],
    [problem('cjson.decode, {}'), "bad argument #1 to '?' (string expected, got table)"],
    [problem('cjson.decode, 1, 2'), "bad argument #1 to '?' (expected 1 argument)"],
  ],
  'cjson settings change what is encoded and decoded': [
    [lua('local c = cjson.new() c.encode_sparse_array(true) return c.encode({[1]=1,[100]=2})'), '{"1":1,"100":2}'],
    [
      lua('local c = cjson.new() c.encode_sparse_array(false, 0) return c.encode({[5]=1,[12]=2})'),
      '[null,null,null,null,1,null,null,null,null,null,null,2]',
    ],
    [
      lua('local c = cjson.new() c.encode_sparse_array(false, 2, 3) return select(2, pcall(c.encode, {[4]=1}))'),
      'Cannot serialise table: excessively sparse array',
    ],
    [
      lua('local c = cjson.new() c.encode_max_depth(1) return select(2, pcall(c.encode, {{}}))'),
      'Cannot serialise, excessive nesting (2)',
    ],
    [
      lua("local c = cjson.new() c.decode_max_depth(1) return select(2, pcall(c.decode, '[[]]'))"),
      'Found too many nested data structures (2) at character 2',
    ],
    [
      lua(
        'local c = cjson.new() c.encode_number_precision(3) return c.encode(1/3) .. c.encode(2.5e10) .. c.encode(95)',
      ),
      '0.3332.5e+1095',
    ],
    [lua('local c = cjson.new() c.encode_invalid_numbers(true) return c.encode({1/0, -1/0, 0/0})'), '[inf,-inf,nan]'],
    [
      lua("local c = cjson.new() c.encode_invalid_numbers('null') return c.encode({1/0, -1/0, 0/0})"),
      '[null,null,null]',
    ],
    [
      lua("local c = cjson.new() c.decode_invalid_numbers(false) return select(2, pcall(c.decode, '[0x10]'))"),
      'Expected value but found invalid number at character 2',
    ],
    [
      lua("local c = cjson.new() c.decode_invalid_numbers(false) return select(2, pcall(c.decode, '[nan]'))"),
      'Expected value but found invalid token at character 2',
    ],
    [lua('local c = cjson.new() c.encode_keep_buffer(false) return c.encode({1})'), '[1]'],
  ],
  'cjson settings answer what holds': [
    [
      lua(
        'local c = cjson.new() local a, b, d = c.encode_sparse_array() return {tostring(a), b, d, c.encode_max_depth(), c.decode_max_depth(), c.encode_number_precision(), tostring(c.encode_keep_buffer()), tostring(c.encode_invalid_numbers()), tostring(c.decode_invalid_numbers())}',
      ),
      ['false', 2, 10, 1000, 1000, 14, 'true', 'false', 'true'],
    ],
    [
      lua(
        "local c = cjson.new() return {tostring(c.encode_invalid_numbers('null')), tostring(c.encode_invalid_numbers('on')), c.encode_max_depth('7')}",
      ),
      ['null', 'true', 7],
    ],
  ],
  'cjson settings refuse bad values': [
    [problem('cjson.encode_max_depth, 0'), "bad argument #1 to '?' (expected integer between 1 and 2147483647)"],
    [problem("cjson.encode_max_depth, 'x'"), "bad argument #1 to '?' (number expected, got string)"],
    [problem('cjson.encode_max_depth, 1, 2'), "bad argument #2 to '?' (found too many arguments)"],
    [problem('cjson.encode_number_precision, 15'), "bad argument #1 to '?' (expected integer between 1 and 14)"],
    [
      problem('cjson.encode_sparse_array, true, -1'),
      "bad argument #1 to '?' (expected integer between 0 and 2147483647)",
    ],
    [problem("cjson.encode_keep_buffer, 'maybe'"), "bad argument #1 to '?' (invalid option 'maybe')"],
    [problem("cjson.decode_invalid_numbers, 'null'"), "bad argument #1 to '?' (invalid option 'null')"],
    [problem('cjson.encode_invalid_numbers, {}'), "bad argument #1 to '?' (string expected, got table)"],
  ],
  'decode_array_with_array_mt has decoded arrays written as arrays again': {
    since: '8.4',
    steps: [
      [marking(`return c.encode(c.decode('[[],{},[1,[]],{"a":[]}]'))`), '[[],{},[1,[]],{"a":[]}]'],
      [marking("local t = c.decode('[]') t[1] = 'x' return c.encode({t, cjson.decode('[]')})"), '[["x"],{}]'],
      [marking("local t = c.decode('[1,2]') t.a = 1 return c.encode(t)"), '[1,2]'],
      [marking("return tostring(getmetatable(c.decode('[]')).__is_cjson_array)"), 'true'],
      [marking("return tostring(getmetatable(c.decode('{}')))"), 'nil'],
      [marking("return c.encode(setmetatable(c.decode('[]'), nil))"), '{}'],
      [marking('return c.encode(setmetatable({}, {__is_cjson_array = true}))'), '[]'],
      [marking('return c.encode(setmetatable({}, {__is_cjson_array = false}))'), '{}'],
      [
        marking("return select(2, pcall(function() getmetatable(c.decode('[]')).__is_cjson_array = 1 end))"),
        where((text) => String(text).includes('Attempt to modify a readonly table'), 'a refusal'),
      ],
      [lua('local c = cjson.new() return tostring(c.decode_array_with_array_mt())'), 'false'],
      [marking('return tostring(c.decode_array_with_array_mt())'), 'true'],
      [marking("c.decode_array_with_array_mt('off') return c.encode(c.decode('[]'))"), '{}'],
    ],
  },
})
