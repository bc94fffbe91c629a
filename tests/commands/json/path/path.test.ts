import { describe, expect, test } from 'vitest'
import { JsonPath, parsePath } from '../../../../lib/commands/json/path/path.ts'
import { find, parsed } from '../nodes.ts'

describe('examples of the documentation of Redis 8.10', () => {
  test.each([
    ['$.a + 1', '{"a":2,"b":4,"arr":[1,2,3]}', '[3]'],
    ['$.a * $.b', '{"a":2,"b":4}', '[8]'],
    ['($.a + $.b) / 2', '{"a":2,"b":4}', '[3.0]'],
    ['$.arr.length()', '{"arr":[1,2,3]}', '[3]'],
    ['length($.arr)', '{"arr":[1,2,3]}', '[3]'],
    ['$.a / 0', '{"a":2}', '[]'],
    ['-$.a', '{"a":2}', '[-2]'],
    ['($.a)', '{"a":2}', '[2]'],
    ['$[?!@.a]', '[{"a":1,"b":1},{"b":2},{"a":1},{"c":3}]', '[{"b":2},{"c":3}]'],
    ['$[?!(@.a==1)]', '[{"a":1,"b":1},{"b":2},{"a":1},{"c":3}]', '[{"b":2},{"c":3}]'],
    ['$[?!@.a && @.b]', '[{"a":1,"b":1},{"b":2},{"a":1},{"c":3}]', '[{"b":2}]'],
    ['$.arrs[?(@ == [1])]', '{"arrs":[[1],[2],[1,2],[1,[2]]]}', '[[1]]'],
    ['$.arrs[?(@ == [1,[2]])]', '{"arrs":[[1],[2],[1,2],[1,[2]]]}', '[[1,[2]]]'],
    ['$.objs[?(@ == {"x":1})]', '{"objs":[{"x":1},{"x":2},{"y":1}]}', '[{"x":1}]'],
    ['$[?@.a + 1 == 3]', '[{"a":2,"b":3},{"a":5,"b":2}]', '[{"a":2,"b":3}]'],
    ['$[?@.a + @.b * 2 == 8]', '[{"a":2,"b":3},{"a":5,"b":2}]', '[{"a":2,"b":3}]'],
    ['$[?(@.a + @.b) * 2 == 10]', '[{"a":2,"b":3},{"a":5,"b":2}]', '[{"a":2,"b":3}]'],
    ['$.a[?@ in [2,4]]', '{"a":[1,2,3,4],"allow":[2,3]}', '[2,4]'],
    ['$.a[?@ nin [2,4]]', '{"a":[1,2,3,4],"allow":[2,3]}', '[1,3]'],
    ['$.a[?@ in $.allow]', '{"a":[1,2,3,4],"allow":[2,3]}', '[2,3]'],
    ['$.a[?@ subsetof [1,2,3]]', '{"a":[[1,2],[1,5],[]]}', '[[1,2],[]]'],
    ['$.a[?@ anyof [1,2,3]]', '{"a":[[1,9],[8,9],[]]}', '[[1,9]]'],
    ['$.a[?@ noneof [1,2,3]]', '{"a":[[4,5],[1,9],[]]}', '[[4,5],[]]'],
    ['$.a[?@ sizeof 2]', '{"a":[[4,5],[1],[7,8,9]]}', '[[4,5]]'],
    ['$.a[?@ empty true]', '{"a":[[],[1],"",[2,3],{},{"k":1}]}', '[[],"",{}]'],
    ['$.a[?@ empty false]', '{"a":[[],[1],"",[2,3],{},{"k":1}]}', '[[1],[2,3],{"k":1}]'],
    ['$.obj~', '{"obj":{"x":1,"y":2},"books":[{"t":"a"},{"t":"b"}]}', '["x","y"]'],
    ['$~', '{"obj":{"x":1,"y":2},"books":[{"t":"a"},{"t":"b"}]}', '["obj","books"]'],
    ['$.books~', '{"obj":{"x":1,"y":2},"books":[{"t":"a"},{"t":"b"}]}', '[]'],
    ['$.a[?length(@) > 2]', '{"a":[[1,2,3],[1],"abcd","x"]}', '[[1,2,3],"abcd"]'],
    ['$[?count(@.*) == 3]', '[{"a":1,"b":2,"c":3},{"a":1}]', '[{"a":1,"b":2,"c":3}]'],
    ['$[?value(@.a) == 1]', '[{"a":1},{"a":2}]', '[{"a":1}]'],
    ['$.obj.keys()', '{"obj":{"x":1,"y":2}}', '["x","y"]'],
    ['$.obj.keys().count()', '{"obj":{"x":1,"y":2}}', '[2]'],
    ['$.a[?match(@, "a.*")]', '{"a":["abc","xabc","a","b"]}', '["abc","a"]'],
    ['$.a[?search(@, "b")]', '{"a":["abc","xyz","b"]}', '["abc","b"]'],
    ['$.a[?concat(@.x, @.y) == "ab"]', '{"a":[{"x":"a","y":"b"},{"x":"a","y":"c"}]}', '[{"x":"a","y":"b"}]'],
    ['$.a[?ceiling(@) == 3]', '{"a":[2.1,3.9,1.0]}', '[2.1]'],
    ['$.a[?floor(@) == 2]', '{"a":[2.1,2.9,3.5]}', '[2.1,2.9]'],
    ['$.a[?abs(@.n) == 5]', '{"a":[{"n":-5},{"n":5},{"n":-3}]}', '[{"n":-5},{"n":5}]'],
    ['$.a[?first(@.n) == 1]', '{"a":[{"n":[1,2]},{"n":[9,8]}]}', '[{"n":[1,2]}]'],
    ['$.a[?last(@.n) == 8]', '{"a":[{"n":[1,2]},{"n":[9,8]}]}', '[{"n":[9,8]}]'],
    ['$.a[?index(@.n, -1) == 2]', '{"a":[{"n":[1,2]},{"n":[9,8]}]}', '[{"n":[1,2]}]'],
    ['$.a[?sum(@.n) == 6]', '{"a":[{"n":[3,1,2]},{"n":[5,6]}]}', '[{"n":[3,1,2]}]'],
    ['$.a[?avg(@.n) == 2]', '{"a":[{"n":[3,1,2]},{"n":[5,6]}]}', '[{"n":[3,1,2]}]'],
    ['$.arr.append(9)', '{"arr":[1,2,3]}', '[1,2,3,9]'],
    [
      '$.books[?(@.price >= 10)].append({"t":"X"})',
      '{"books":[{"t":"a","price":30},{"t":"b","price":5}]}',
      '[{"t":"a","price":30},{"t":"X"}]',
    ],
  ])('%s', (path, document, expected) => {
    expect(find(path, document)).toBe(expected)
  })

  test.each(['$.obj~.x', '$.obj~~', '$.obj.keys()~'])('%s is no path', (path) => {
    expect(find(path, '{}')).toMatch(/^Error occurred on position/)
  })
})

describe('malformed paths', () => {
  test.each([
    // RedisJSON issue 948.
    [
      '$.a[$]',
      `Error occurred on position 4, "$.a[ ---->>>> $]", expected one of the following: '<string>[,<string>,...]', '<number>', ['start:end:steps'], '*'.`,
    ],
    ['$..', `Error occurred on position 3, "$.. <<<<----", expected one of the following: <string>, '*'.`],
  ])('%s: as RedisJSON says it', (path, expected) => {
    expect(find(path, '{}')).toBe(expected)
  })
})

describe('legacy paths', () => {
  const document = '{"inventory":{"headphones":[{"id":1},{"id":2}]},"$foo":3,"a-b":4}'
  test.each([
    ['.', true, '$'],
    ['.inventory.headphones', true, '$.inventory.headphones'],
    ['inventory["headphones"]', true, '$.inventory["headphones"]'],
    [`['inventory']["headphones"]`, true, `$.['inventory']["headphones"]`],
    ['$', false, '$'],
    ['$.a', false, '$.a'],
    ['$["a"]', false, '$["a"]'],
    // Only what has a dot or a bracket behind its `$` is a JSONPath.
    ['$foo', true, '$.$foo'],
    ['..id', true, '$..id'],
  ])('%s: legacy %s, rooted %s', (path, isLegacy, rooted) => {
    expect(parsed(path)).toMatchObject({ isLegacy, rooted })
  })

  test.each([
    ['.', `[${document}]`],
    ['inventory["headphones"]', '[[{"id":1},{"id":2}]]'],
    [`['inventory']["headphones"][-1].id`, '[2]'],
    ['..id', '[1,2]'],
    ['$foo', '[3]'],
    ['a-b', '[4]'],
    ['.nothing', '[]'],
  ])('%s finds %s', (path, expected) => {
    expect(find(path, document)).toBe(expected)
  })

  test('one that calculates is none', () => {
    expect(find('inventory.keys()', document)).toMatch(/^Error occurred/)
  })
})

describe('what is known of a path', () => {
  test.each([
    ['$', { isRoot: true, isDefinite: true, lastName: undefined, parentPath: undefined }],
    ['.', { isRoot: true, isDefinite: true, lastName: undefined, parentPath: undefined }],
    ['$.a', { isRoot: false, isDefinite: true, lastName: 'a' }],
    ['$.a["b c"]', { isDefinite: true, lastName: 'b c' }],
    ['$.a[0]', { isDefinite: true, lastName: undefined }],
    ['$.a[0,1]', { isDefinite: false, lastName: undefined }],
    ['$..a', { isDefinite: false, lastName: undefined }],
    ['$.*.a', { isDefinite: false, lastName: 'a' }],
    ['$.a + 1', { isProjection: true, isRoot: false, isDefinite: false, lastName: undefined }],
  ])('%s', (path, expected) => {
    expect(parsed(path)).toMatchObject(expected)
  })

  test('the path without its last segment', () => {
    const { parentPath } = parsed('$.a.b')
    expect(parentPath).toMatchObject({ isRoot: false, isDefinite: true, lastName: 'a' })
    expect(parentPath?.parentPath).toMatchObject({ isRoot: true, isDefinite: true })
  })

  test('a text that was parsed lately is not parsed again', () => {
    const path = parsePath('$.kept')
    expect(path).toBeInstanceOf(JsonPath)
    for (let i = 0; i < 100; i++) parsePath(`$.kept${i}`)
    expect(parsePath('$.kept')).toBe(path)
  })
})
