/**
 * Paths as Redis's documentation has them: its examples on an inventory of bikes, and one of each operator and function. All else
 * about paths stands in tests/commands/json.
 */
import { contract, error, ok } from './dsl.ts'

const BIKES = JSON.stringify({
  inventory: {
    mountain_bikes: [
      {
        id: 'bike:1',
        model: 'Phoebe',
        price: 1920,
        specs: { material: 'carbon', weight: 13.1 },
        colors: ['black', 'silver'],
      },
      {
        id: 'bike:2',
        model: 'Quaoar',
        price: 2072,
        specs: { material: 'aluminium', weight: 7.9 },
        colors: ['black', 'white'],
      },
      { id: 'bike:3', model: 'Weywot', price: 3264, specs: { material: 'alloy', weight: 13.8 } },
    ],
    commuter_bikes: [
      {
        id: 'bike:4',
        model: 'Salacia',
        price: 1475,
        specs: { material: 'aluminium', weight: 16.6 },
        colors: ['black', 'silver'],
      },
      { id: 'bike:5', model: 'Mimas', price: 3941, specs: { material: 'alloy', weight: 11.6 } },
    ],
  },
})

const set = (document: string) => [['JSON.SET', 'doc', '$', document], ok] as const
const get = (path: string, reply: string) => [['JSON.GET', 'doc', path], reply] as const

export const cases = contract(
  'json-path',
  {
    'names, wildcards, slices and descents find the models of bikes': [
      set(BIKES),
      get('$.inventory.mountain_bikes[*].model', '["Phoebe","Quaoar","Weywot"]'),
      get('$.inventory["mountain_bikes"][*].model', '["Phoebe","Quaoar","Weywot"]'),
      get('$..mountain_bikes[*].model', '["Phoebe","Quaoar","Weywot"]'),
      get('$..model', '["Phoebe","Quaoar","Weywot","Salacia","Mimas"]'),
      get('$..mountain_bikes[0:2].model', '["Phoebe","Quaoar"]'),
      get('$..mountain_bikes[-1,0].model', '["Weywot","Phoebe"]'),
      get('$.inventory.none', '[]'),
    ],
    'filters find bikes by their price, weight and material': [
      set(BIKES),
      get('$..mountain_bikes[?(@.price < 3000 && @.specs.weight < 10)].model', '["Quaoar"]'),
      get('$..[?(@.specs.material == "alloy")].model', '["Weywot","Mimas"]'),
      get('$..[?(@.specs.material =~ "(?i)al")].model', '["Quaoar","Weywot","Salacia","Mimas"]'),
      [['JSON.SET', 'doc', '$.inventory.mountain_bikes[0].regex_pat', '"(?i)al"'], ok],
      [['JSON.SET', 'doc', '$.inventory.mountain_bikes[1].regex_pat', '"(?i)al"'], ok],
      [['JSON.SET', 'doc', '$.inventory.mountain_bikes[2].regex_pat', '"(?i)al"'], ok],
      get('$.inventory.mountain_bikes[?(@.specs.material =~ @.regex_pat)].model', '["Quaoar","Weywot"]'),
    ],
    'what filters find can be changed': [
      set(BIKES),
      [['JSON.SET', 'doc', '$.inventory.*[?(@.price<2000)].price', '1500'], ok],
      get('$..price', '[1500,2072,3264,1500,3941]'),
      [
        ['JSON.ARRAPPEND', 'doc', '$.inventory.*[?(@.price<2000)].colors', '"pink"'],
        [3, 3],
      ],
      get('$..[*].colors', '[["black","silver","pink"],["black","white"],["black","silver","pink"]]'),
    ],
    'paths compute': [
      set('{"a":2,"b":4,"arr":[1,2,3],"obj":{"x":1,"y":2}}'),
      get('$.a + 1', '[3]'),
      get('$.a * $.b', '[8]'),
      get('($.a + $.b) / 2', '[3.0]'),
      get('$.arr.length()', '[3]'),
      get('length($.arr)', '[3]'),
      get('-$.a', '[-2]'),
      get('$.a / 0', '[]'),
      get('$.obj~', '["x","y"]'),
      get('$.obj.keys().count()', '[2]'),
      get('$.arr.append(9)', '[1,2,3,9]'),
      [['JSON.GET', 'doc', '$.a + 1', '$.b'], '{"$.a + 1":[3],"$.b":[4]}'],
      [
        ['JSON.MGET', 'doc', 'none', '$.a + 1'],
        ['[3]', null],
      ],
    ],
    'operators and functions of filters': [
      set('[{"a":1,"b":1},{"b":2},{"a":1},{"c":3}]'),
      get('$[?!@.a]', '[{"b":2},{"c":3}]'),
      get('$[?!(@.a==1)]', '[{"b":2},{"c":3}]'),
      get('$[?!@.a && @.b]', '[{"b":2}]'),
      get('$[?@.b + 1 == 3]', '[{"b":2}]'),
      set('{"a":[[1,2],[1,5],[],"ab"],"allow":[[1,2],"ab"]}'),
      get('$.a[?@ in $.allow]', '[[1,2],"ab"]'),
      get('$.a[?@ nin $.allow]', '[[1,5],[]]'),
      get('$.a[?@ subsetof [1,2,3]]', '[[1,2],[]]'),
      get('$.a[?@ anyof [5]]', '[[1,5]]'),
      get('$.a[?@ noneof [5]]', '[[1,2],[]]'),
      get('$.a[?@ sizeof 2]', '[[1,2],[1,5],"ab"]'),
      get('$.a[?@ empty true]', '[[]]'),
      get('$.a[?@ == [1,5]]', '[[1,5]]'),
      get('$.a[?sum(@) == 3]', '[[1,2]]'),
      get('$.a[?match(@, "a.")]', '["ab"]'),
      get('$.a[?search(@, "b")]', '["ab"]'),
    ],
    'the examples of operators': [
      set('{"arrs":[[1],[2],[1,2],[1,[2]]],"objs":[{"x":1},{"x":2},{"y":1}]}'),
      get('$.arrs[?(@ == [1])]', '[[1]]'),
      get('$.arrs[?(@ == [1,[2]])]', '[[1,[2]]]'),
      get('$.objs[?(@ == {"x":1})]', '[{"x":1}]'),
      set('[{"a":2,"b":3},{"a":5,"b":2}]'),
      get('$[?@.a + 1 == 3]', '[{"a":2,"b":3}]'),
      get('$[?@.a + @.b * 2 == 8]', '[{"a":2,"b":3}]'),
      get('$[?(@.a + @.b) * 2 == 10]', '[{"a":2,"b":3}]'),
      set('{"a":[1,2,3,4],"allow":[2,3]}'),
      get('$.a[?@ in [2,4]]', '[2,4]'),
      get('$.a[?@ nin [2,4]]', '[1,3]'),
      get('$.a[?@ in $.allow]', '[2,3]'),
      set('{"a":[[1,9],[8,9],[]]}'),
      get('$.a[?@ anyof [1,2,3]]', '[[1,9]]'),
      set('{"a":[[4,5],[1,9],[]]}'),
      get('$.a[?@ noneof [1,2,3]]', '[[4,5],[]]'),
      set('{"a":[[4,5],[1],[7,8,9]]}'),
      get('$.a[?@ sizeof 2]', '[[4,5]]'),
      set('{"a":[[],[1],"",[2,3],{},{"k":1}]}'),
      get('$.a[?@ empty true]', '[[],"",{}]'),
      get('$.a[?@ empty false]', '[[1],[2,3],{"k":1}]'),
      set('{"obj":{"x":1,"y":2},"books":[{"t":"a"},{"t":"b"}]}'),
      get('$~', '["obj","books"]'),
      get('$.books~', '[]'),
    ],
    'the examples of functions': [
      set('{"a":[[1,2,3],[1],"abcd","x"]}'),
      get('$.a[?length(@) > 2]', '[[1,2,3],"abcd"]'),
      set('[{"a":1,"b":2,"c":3},{"a":1}]'),
      get('$[?count(@.*) == 3]', '[{"a":1,"b":2,"c":3}]'),
      set('[{"a":1},{"a":2}]'),
      get('$[?value(@.a) == 1]', '[{"a":1}]'),
      set('{"obj":{"x":1,"y":2}}'),
      get('$.obj.keys()', '["x","y"]'),
      set('{"a":["abc","xabc","a","b"]}'),
      get('$.a[?match(@, "a.*")]', '["abc","a"]'),
      set('{"a":["abc","xyz","b"]}'),
      get('$.a[?search(@, "b")]', '["abc","b"]'),
      set('{"a":[{"x":"a","y":"b"},{"x":"a","y":"c"}]}'),
      get('$.a[?concat(@.x, @.y) == "ab"]', '[{"x":"a","y":"b"}]'),
      set('{"a":[2.1,3.9,1.0]}'),
      get('$.a[?ceiling(@) == 3]', '[2.1]'),
      set('{"a":[2.1,2.9,3.5]}'),
      get('$.a[?floor(@) == 2]', '[2.1,2.9]'),
      set('{"a":[{"n":-5},{"n":5},{"n":-3}]}'),
      get('$.a[?abs(@.n) == 5]', '[{"n":-5},{"n":5}]'),
      set('{"a":[{"n":[1,2]},{"n":[9,8]}]}'),
      get('$.a[?first(@.n) == 1]', '[{"n":[1,2]}]'),
      get('$.a[?last(@.n) == 8]', '[{"n":[9,8]}]'),
      get('$.a[?index(@.n, -1) == 2]', '[{"n":[1,2]}]'),
      set('{"a":[{"n":[3,1,2]},{"n":[5,6]}]}'),
      get('$.a[?sum(@.n) == 6]', '[{"n":[3,1,2]}]'),
      get('$.a[?avg(@.n) == 2]', '[{"n":[3,1,2]}]'),
      set('{"books":[{"t":"a","price":30},{"t":"b","price":5}]}'),
      get('$.books[?(@.price >= 10)].append({"t":"X"})', '[{"t":"a","price":30},{"t":"X"}]'),
      get('$.books[?(@.price >= 10)]', '[{"t":"a","price":30}]'),
    ],
    'the names of members end a path': [
      set('{"obj":{"x":{"y":1}}}'),
      ...['$.obj~ ---->>>> .x', '$.obj~ ---->>>> ~', '$.obj.keys() ---->>>> ~'].map(
        (marked) =>
          [
            ['JSON.GET', 'doc', marked.replace(' ---->>>> ', '')],
            error(
              `Error occurred on position ${marked.indexOf(' ')}, "${marked}", expected one of the following: EOI, '..'.`,
            ),
          ] as const,
      ),
    ],
    'what is not computed finds nothing, and is no error': [
      set('{"a":2,"b":"x","arr":[],"obj":{"k":1}}'),
      ...['$.a + $.b', '$.a % 0', 'index($.arr, 5)', 'length()', 'abs($.b)', 'sum($.arr)', '$.none.sum()'].map((path) =>
        get(path, '[]'),
      ),
      get('$.*[?@.k / 0 == 0]', '[]'),
      ['JSON.RESP doc $.a+1', []],
      [['JSON.RESP', 'doc', '$.a + 1'], [3]],
    ],
    'legacy paths begin without a dollar': [
      set('{"inventory":{"headphones":[1,2]}}'),
      get('.', '{"inventory":{"headphones":[1,2]}}'),
      get('.inventory.headphones', '[1,2]'),
      get('inventory["headphones"]', '[1,2]'),
      get(`['inventory']["headphones"][-1]`, '2'),
    ],
    'a malformed path is told where': [
      set('{"a":[1]}'),
      [
        ['JSON.GET', 'doc', '$.a[$]'],
        error(
          `Error occurred on position 4, "$.a[ ---->>>> $]", expected one of the following: '<string>[,<string>,...]', '<number>', ['start:end:steps'], '*'.`,
        ),
      ],
      [
        ['JSON.SET', 'doc', '$..', '1'],
        error(`Error occurred on position 3, "$.. <<<<----", expected one of the following: <string>, '*'.`),
      ],
      [['JSON.GET', 'doc'], '{"a":[1]}'],
    ],
  },
  { since: '8.8' },
)
