/** Lua's own functions where C's long shows, which has 64 bits in Redis. */
import { type CommandLine, contract } from './dsl.ts'

const lua = (code: string): CommandLine => ['EVAL', code, '0']

export const cases = contract('lua-numbers', {
  'string.format writes integers of 64 bits': [
    [lua("return string.format('%d %i', 1700000000000, -1700000000000)"), '1700000000000 -1700000000000'],
    [lua("return string.format('%d %d', 2^53, -2^63)"), '9007199254740992 -9223372036854775808'],
    [lua("return string.format('%d %d %d', 2^63, 1.9, -1.9)"), '-9223372036854775808 1 -1'],
    [
      lua("return string.format('%u %x %X %o', 2^40, 2^40 + 171, 2^40 + 171, 2^40)"),
      '1099511627776 100000000ab 100000000AB 20000000000000',
    ],
    [lua("return string.format('%x', -1)"), 'ffffffffffffffff'],
    [
      lua("return string.format('[%5d] [%-5d] [%05d] [%+d] [% d] [%.3d]', 42, 42, -42, 42, 42, 42)"),
      '[   42] [42   ] [-0042] [+42] [ 42] [042]',
    ],
    [lua("return string.format('%#x %#o %.0d|', 255, 8, 0)"), '0xff 010 |'],
  ],
  'string.format writes strings, characters and floats': [
    [
      lua("return string.format('[%5s] [%-5s] [%.2s] %s %c%%', 'ab', 'ab', 'abc', 12, 65)"),
      '[   ab] [ab   ] [ab] 12 A%',
    ],
    [lua("return string.format('%q', 'a\"b\\\\\\n\\r\\0')"), '"a\\"b\\\\\\\n\\r\\000"'],
    [lua("return string.format('%.2f %g %e %5.1f|', 2.675, 1e20, 12345, 0.25)"), '2.67 1e+20 1.234500e+04   0.2|'],
    [lua("return #string.format('%s', string.rep('x', 500)) .. string.format('%5s|', 'a\\0b')"), '500    a|'],
  ],
  'string.format refuses bad formats and arguments': [
    [lua("return select(2, pcall(string.format, '%d'))"), "bad argument #2 to '?' (no value)"],
    [lua("return select(2, pcall(string.format, '%d', 'x'))"), "bad argument #2 to '?' (number expected, got string)"],
    [lua("return select(2, pcall(string.format, '%s', {}))"), "bad argument #2 to '?' (string expected, got table)"],
    [lua("return select(2, pcall(string.format, '%y', 1))"), "invalid option '%y' to 'format'"],
    [lua("return select(2, pcall(string.format, '%', 1))"), "invalid option '%' to 'format'"],
    [lua("return select(2, pcall(string.format, '%------d', 1))"), 'invalid format (repeated flags)'],
    [lua("return select(2, pcall(string.format, '%100d', 1))"), 'invalid format (width or precision too long)'],
  ],
  'tonumber reads unsigned integers of 64 bits in a base': [
    [lua("return tostring(tonumber('ffffffffff', 16)) .. ' ' .. tostring(tonumber('0xFF', 16))"), '1099511627775 255'],
    [lua("return tostring(tonumber(' -1 ', 16)) .. ' ' .. tostring(tonumber('zz', 36))"), '1.844674407371e+19 1295'],
    [
      lua("return tostring(tonumber('12', 2)) .. tostring(tonumber('', 16)) .. tostring(tonumber('1.5', 16))"),
      'nilnilnil',
    ],
    [lua("return select(2, pcall(tonumber, '1', 37))"), "bad argument #2 to '?' (base out of range)"],
  ],
  'tonumber takes what Lua takes for a number': [
    [lua("return {tonumber('10'), tonumber(' 0x10 '), tonumber('1e3'), tonumber(7.9)}"), [10, 16, 1000, 7]],
    [lua("return tostring(tonumber('x')) .. tostring(tonumber('')) .. tostring(tonumber({}))"), 'nilnilnil'],
    [lua('return select(2, pcall(tonumber))'), "bad argument #1 to '?' (value expected)"],
  ],
})
