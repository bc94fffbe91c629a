import { contract, double, type Expected, error, nil, nilArray, ok, resp, unordered } from './dsl.ts'

const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value')
const SYNTAX = error('ERR syntax error')
const NOT_FLOAT = error('ERR value is not a valid float')
const NOT_INTEGER = error('ERR value is not an integer or out of range')
const BAD_UNIT = error('ERR unsupported unit provided. please use M, KM, FT, MI')
const NO_MEMBER = error('ERR could not decode requested zset member')
const NOT_RADIUS = error('ERR need numeric radius')

const wrongArity = (name: string) => error(`ERR wrong number of arguments for '${name}' command`)
const invalidPlace = (place: string) => error(`ERR invalid longitude,latitude pair ${place}`)
const needsCentre = (name: string) => error(`ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`)
const needsShape = (name: string) => error(`ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`)
const scored = (...flat: string[]) => {
  const pairs = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], double(flat[2 * i + 1])])
  return resp(pairs.flat(), pairs)
}

const SICILY = 'GEOADD sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania'
const PALERMO = [double('13.36138933897018433'), double('38.11555639549629859')]
const CATANIA = [double('15.08726745843887329'), double('37.50266842333162032')]

/** The same on each of the commands that search around a place. */
const everywhere = (options: string, expected: Expected) =>
  [
    [`GEORADIUS sicily 15 37 200 km ${options}`, expected],
    [`GEORADIUS_RO sicily 15 37 200 km ${options}`, expected],
    [`GEOSEARCH sicily FROMLONLAT 15 37 BYRADIUS 200 km ${options}`, expected],
  ] as const

export const cases = contract('geo', {
  'GEOADD stores places as geohashes in a sorted set': [
    [SICILY, 2],
    ['TYPE sicily', { matches: (seen) => JSON.stringify(seen).includes('zset'), show: () => 'zset' }],
    ['ZSCORE sicily Palermo', double('3479099956230698')],
    ['ZSCORE sicily Catania', double('3479447370796909')],
    [SICILY, 0],
    ['ZCARD sicily', 2],
  ],
  'GEOADD takes NX, XX and CH': [
    ['GEOADD g XX 1 1 a', 0],
    ['EXISTS g', 0],
    ['GEOADD g 1 1 a', 1],
    ['GEOADD g NX 2 2 a 3 3 b', 1],
    ['GEOADD g XX CH 2 2 a 4 4 c', 1],
    ['GEOADD g ch nx 5 5 a 6 6 d', 1],
    ['ZCARD g', 3],
  ],
  'GEOADD refuses bad arguments and adds nothing': [
    ['GEOADD g 1 1', wrongArity('geoadd')],
    ['GEOADD g NX 1 1', SYNTAX],
    ['GEOADD g 1 1 a 2', SYNTAX],
    ['GEOADD g NX CH NX', SYNTAX],
    ['GEOADD g NX XX 1 1 a', SYNTAX],
    ['GEOADD g x 1 a', NOT_FLOAT],
    ['GEOADD g 1 x a', NOT_FLOAT],
    ['GEOADD g 1 1 a 200 1 b', invalidPlace('200.000000,1.000000')],
    ['GEOADD g 1 85.06 a', invalidPlace('1.000000,85.060000')],
    ['GEOADD g -180.5 -90 a', invalidPlace('-180.500000,-90.000000')],
    ['GEOADD g inf -0 a', invalidPlace('inf,-0.000000')],
    ['GEOADD g 1e22 1 a', invalidPlace('10000000000000000000000.000000,1.000000')],
    ['EXISTS g', 0],
  ],
  'the corners of the world are places': [
    ['GEOADD g 180 85.05112878 a -180 -85.05112878 b 0 0 c', 3],
    ['GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 1 m', ['c']],
    ['GEOHASH g c', ['s0000000000']],
    ['ZSCORE g b', double('0')],
  ],
  'every geo command refuses another type': [
    ['SET k v', ok],
    ['GEOADD k 1 1 a', WRONG_TYPE],
    ['GEODIST k a b', WRONG_TYPE],
    ['GEOHASH k a', WRONG_TYPE],
    ['GEOPOS k a', WRONG_TYPE],
    ['GEORADIUS k 999 1 x y', WRONG_TYPE],
    ['GEORADIUS_RO k 1 1 1 m', WRONG_TYPE],
    ['GEORADIUSBYMEMBER k a 1 m', WRONG_TYPE],
    ['GEORADIUSBYMEMBER_RO k a 1 m', WRONG_TYPE],
    ['GEOSEARCH k FROMMEMBER a BYRADIUS 1 m', WRONG_TYPE],
    ['GEOSEARCHSTORE d k FROMMEMBER a BYRADIUS 1 m', WRONG_TYPE],
    ['EXISTS d', 0],
  ],
  'a missing key has no places': [
    ['GEODIST g a b', nil],
    ['GEOHASH g a', [nil]],
    ['GEOPOS g a b', [nilArray, nilArray]],
    ['GEORADIUS g 1 1 1 m', []],
    ['GEORADIUSBYMEMBER g a 1 m', []],
    ['GEORADIUSBYMEMBER g a x y', []],
    ['GEOSEARCH g FROMMEMBER a BYRADIUS 1 m', []],
    ['GEORADIUS g 1 1 1 m STORE d', 0],
    ['GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 m', 0],
  ],
  'GEODIST answers four decimals, in metres or the unit asked for': [
    [SICILY, 2],
    ['GEODIST sicily Palermo Catania', '166274.1516'],
    ['GEODIST sicily Palermo Catania m', '166274.1516'],
    ['GEODIST sicily Palermo Catania KM', '166.2742'],
    ['GEODIST sicily Palermo Catania mi', '103.3182'],
    ['GEODIST sicily Palermo Catania ft', '545518.8700'],
    ['GEODIST sicily Palermo Palermo', '0.0000'],
    ['GEODIST sicily Palermo none', nil],
    ['GEODIST sicily Palermo Catania yard', BAD_UNIT],
    ['GEODIST none Palermo Catania yard', BAD_UNIT],
    ['GEODIST sicily Palermo Catania km x', SYNTAX],
    ['GEODIST sicily Palermo', wrongArity('geodist')],
  ],
  'GEOHASH answers standard geohashes of eleven letters': [
    [SICILY, 2],
    ['GEOHASH sicily Palermo Catania none', ['sqc8b49rny0', 'sqdtr74hyu0', nil]],
    ['GEOHASH sicily', []],
  ],
  'GEOPOS answers the middle of the cell': [
    [SICILY, 2],
    ['GEOPOS sicily Palermo none Catania', [PALERMO, nilArray, CATANIA]],
    ['GEOPOS sicily', []],
  ],
  'searches answer members, sorted where asked': [
    [SICILY, 2],
    ...everywhere('', unordered(['Palermo', 'Catania'])),
    ...everywhere('ASC', ['Catania', 'Palermo']),
    ...everywhere('DESC', ['Palermo', 'Catania']),
    ...everywhere('COUNT 1', ['Catania']),
    ...everywhere('COUNT 1 DESC', ['Palermo']),
    ...everywhere('COUNT 9 ASC', ['Catania', 'Palermo']),
    ...everywhere('COUNT 1 ANY', ['Palermo']),
    ...everywhere('any count 1 asc', ['Palermo']),
  ],
  'searches answer distance, hash and place in this order': [
    [SICILY, 2],
    ...everywhere('WITHDIST ASC', [
      ['Catania', '56.4413'],
      ['Palermo', '190.4424'],
    ]),
    ...everywhere('WITHHASH ASC', [
      ['Catania', 3479447370796909],
      ['Palermo', 3479099956230698],
    ]),
    ...everywhere('WITHCOORD ASC', [
      ['Catania', CATANIA],
      ['Palermo', PALERMO],
    ]),
    ...everywhere('WITHCOORD WITHHASH WITHDIST COUNT 1', [['Catania', '56.4413', 3479447370796909, CATANIA]]),
  ],
  'searches around a member find it too': [
    [SICILY, 2],
    ['GEOADD sicily 13.583333 37.316667 Agrigento', 1],
    ['GEORADIUSBYMEMBER sicily Agrigento 100 km', ['Agrigento', 'Palermo']],
    ['GEORADIUSBYMEMBER_RO sicily Agrigento 100 km DESC', ['Palermo', 'Agrigento']],
    [
      'GEOSEARCH sicily FROMMEMBER Agrigento BYRADIUS 100 km WITHDIST ASC',
      [
        ['Agrigento', '0.0000'],
        ['Palermo', '90.9778'],
      ],
    ],
    ['GEORADIUSBYMEMBER sicily none 100 km', NO_MEMBER],
    ['GEOSEARCH sicily FROMMEMBER none BYRADIUS 100 km', NO_MEMBER],
  ],
  'GEOSEARCH BYBOX searches a box along the meridians': [
    [SICILY, 2],
    ['GEOADD sicily 12.758489 38.788135 edge1 17.241510 38.788135 edge2', 2],
    ['GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC', ['Catania', 'Palermo', 'edge2', 'edge1']],
    ['GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 200 200 km ASC', ['Catania']],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYBOX 310 2 km', ['Palermo']],
    ['GEOSEARCH sicily FROMLONLAT 15 37 BYBOX 400 400 km ASC COUNT 1 WITHDIST', [['Catania', '56.4413']]],
  ],
  'a search crosses the date line, but not from the very line': [
    ['GEOADD g 179.9 0 west -179.9 0 east 0 0 far', 3],
    ['GEOSEARCH g FROMLONLAT 179.99 0 BYRADIUS 50 km ASC', ['west', 'east']],
    ['GEOSEARCH g FROMMEMBER east BYBOX 60 10 km ASC', ['east', 'west']],
    ['GEOSEARCH g FROMLONLAT 180 0 BYRADIUS 50 km', ['west']],
  ],
  'a radius of nothing finds the place itself, one of the world everything': [
    [SICILY, 2],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 0 m', ['Palermo']],
    ['GEOSEARCH sicily FROMLONLAT -165 -37 BYRADIUS 30000 km ASC', ['Palermo', 'Catania']],
  ],
  'GEORADIUS refuses bad arguments': [
    [SICILY, 2],
    ['GEORADIUS sicily 15 37 200', wrongArity('georadius')],
    ['GEORADIUS sicily x 37 200 km', NOT_FLOAT],
    ['GEORADIUS sicily 200 37 x km', invalidPlace('200.000000,37.000000')],
    ['GEORADIUS sicily 15 37 x km', NOT_RADIUS],
    ['GEORADIUS sicily 15 37 -1 km', error('ERR radius cannot be negative')],
    ['GEORADIUS sicily 15 37 200 yard', BAD_UNIT],
    ['GEORADIUS sicily 15 37 200 km x', SYNTAX],
    ['GEORADIUS sicily 15 37 200 km COUNT', SYNTAX],
    ['GEORADIUS sicily 15 37 200 km COUNT x', NOT_INTEGER],
    ['GEORADIUS sicily 15 37 200 km COUNT 0', error('ERR COUNT must be > 0')],
    ['GEORADIUS sicily 15 37 200 km ANY', error('ERR the ANY argument requires COUNT argument')],
    ['GEORADIUS sicily 15 37 200 km STORE', SYNTAX],
    ['GEORADIUS_RO sicily 15 37 200 km STORE d', SYNTAX],
    ['GEORADIUSBYMEMBER_RO sicily Palermo 200 km STOREDIST d', SYNTAX],
    ['GEORADIUS sicily 15 37 200 km FROMMEMBER Palermo', SYNTAX],
    [
      'GEORADIUS sicily 15 37 200 km STORE d WITHDIST',
      error('ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options'),
    ],
    ['EXISTS d', 0],
  ],
  'GEOSEARCH refuses bad arguments': [
    [SICILY, 2],
    ['GEOSEARCH sicily FROMMEMBER Palermo', wrongArity('geosearch')],
    ['GEOSEARCH sicily BYRADIUS 200 km ASC ASC', needsCentre('GEOSEARCH')],
    ['GeoSearch sicily BYRADIUS 200 km ASC ASC', needsCentre('GeoSearch')],
    ['GEOSEARCH sicily FROMMEMBER Palermo ASC ASC ASC', needsShape('GEOSEARCH')],
    ['GEOSEARCH sicily FROMMEMBER Palermo FROMLONLAT 1 1', SYNTAX],
    ['GEOSEARCH sicily FROMLONLAT 1 1 FROMMEMBER Palermo BYRADIUS 1 km', SYNTAX],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 1 km BYBOX 1 1 km', SYNTAX],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYBOX 1 1 km BYRADIUS 1 km', SYNTAX],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 1 km BYRADIUS 200 km', unordered(['Palermo', 'Catania'])],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYBOX x 1 km', error('ERR need numeric width')],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYBOX 1 x km', error('ERR need numeric height')],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYBOX 1 -1 km', error('ERR height or width cannot be negative')],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYBOX 1 1 yard', BAD_UNIT],
    ['GEOSEARCH sicily FROMMEMBER Palermo BYRADIUS 200 km STOREDIST', SYNTAX],
    ['GEOSEARCH none FROMMEMBER a BYRADIUS x km', NOT_RADIUS],
    [
      'GEOSEARCHSTORE d sicily FROMMEMBER Palermo BYRADIUS 200 km WITHDIST',
      error('ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options'),
    ],
  ],
  'what was found can be stored, as places or as distances': [
    [SICILY, 2],
    ['SET d v EX 100', ok],
    ['GEOSEARCHSTORE d sicily FROMLONLAT 15 37 BYRADIUS 200 km', 2],
    ['TTL d', -1],
    ['ZRANGE d 0 -1 WITHSCORES', scored('Palermo', '3479099956230698', 'Catania', '3479447370796909')],
    ['GEOSEARCHSTORE d sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 STOREDIST', 1],
    ['ZRANGEBYSCORE d 56.44125787 56.44125788', ['Catania']],
    ['GEORADIUS sicily 15 37 200 km STORE d', 2],
    ['GEOPOS d Palermo', [PALERMO]],
    ['GEORADIUSBYMEMBER sicily Palermo 200 km STOREDIST d', 2],
    ['ZSCORE d Palermo', double('0')],
    ['GEORADIUS sicily 15 37 200 km STORE d STOREDIST e', 2],
    ['ZCARD e', 2],
    ['GEOSEARCHSTORE sicily sicily FROMLONLAT 15 37 BYRADIUS 100 km', 1],
    ['ZRANGE sicily 0 -1', ['Catania']],
    ['GEOSEARCHSTORE d sicily FROMLONLAT 0 0 BYRADIUS 1 m', 0],
    ['EXISTS d', 0],
  ],
  'the keys of a search that stores are told by STORE': [
    ['COMMAND GETKEYS GEORADIUS a 1 1 1 m STORE b', ['a', 'b']],
    ['COMMAND GETKEYS GEORADIUSBYMEMBER a m 1 m ASC storedist c', ['a', 'c']],
    ['COMMAND GETKEYS GEORADIUS a 1 1 1 m', ['a']],
    ['COMMAND GETKEYS GEOSEARCHSTORE d a FROMMEMBER m BYRADIUS 1 m', ['d', 'a']],
  ],
})
