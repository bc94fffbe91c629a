/** Documentation of the geo commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  geoadd: {
    summary: 'Add one or more geospatial items in the geospatial index represented using a sorted set',
    since: '3.2.0',
    complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
    arguments:
      'key:key#0 ?condition:oneof^6.2.0(nx:pure-token=NX xx:pure-token=XX) ?change:pure-token^6.2.0=CH *longitude_latitude_member:block(longitude:double latitude:double member:string)',
  },
  geodist: {
    summary: 'Returns the distance between two members of a geospatial index',
    since: '3.2.0',
    complexity: 'O(log(N))',
    arguments:
      'key:key#0 member1:string member2:string ?unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI)',
  },
  geohash: {
    summary: 'Returns members of a geospatial index as standard geohash strings',
    since: '3.2.0',
    complexity: 'O(log(N)) for each member requested, where N is the number of elements in the sorted set.',
    arguments: 'key:key#0 *member:string',
  },
  geopos: {
    summary: 'Returns longitude and latitude of members of a geospatial index',
    since: '3.2.0',
    complexity: 'O(N) where N is the number of members requested.',
    arguments: 'key:key#0 *member:string',
  },
  georadius: {
    summary:
      'Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a point',
    since: '3.2.0',
    complexity:
      'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    deprecatedSince: '6.2.0',
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument',
    history: [
      ['6.2.0', 'Added the `ANY` option for `COUNT`.'],
      ['7.0.0', 'Added support for uppercase unit names.'],
    ],
    arguments:
      'key:key#0 longitude:double latitude:double radius:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI) ?withcoord:pure-token=WITHCOORD ?withdist:pure-token=WITHDIST ?withhash:pure-token=WITHHASH ?count:block(count:integer=COUNT ?any:pure-token^6.2.0=ANY) ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC) ?key:key#1=STORE ?key:key#2=STOREDIST',
  },
  georadius_ro: {
    summary: 'A read-only variant for GEORADIUS',
    since: '3.2.10',
    complexity:
      'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    deprecatedSince: '6.2.0',
    replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument',
    history: [['6.2.0', 'Added the `ANY` option for `COUNT`.']],
    arguments:
      'key:key#0 longitude:double latitude:double radius:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI) ?withcoord:pure-token=WITHCOORD ?withdist:pure-token=WITHDIST ?withhash:pure-token=WITHHASH ?count:block(count:integer=COUNT ?any:pure-token^6.2.0=ANY) ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC)',
  },
  georadiusbymember: {
    summary:
      'Query a sorted set representing a geospatial index to fetch members matching a given maximum distance from a member',
    since: '3.2.0',
    complexity:
      'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    deprecatedSince: '6.2.0',
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
    history: [['7.0.0', 'Added support for uppercase unit names.']],
    arguments:
      'key:key#0 member:string radius:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI) ?withcoord:pure-token=WITHCOORD ?withdist:pure-token=WITHDIST ?withhash:pure-token=WITHHASH ?count:block(count:integer=COUNT ?any:pure-token=ANY) ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC) ?key:key#1=STORE ?key:key#2=STOREDIST',
  },
  georadiusbymember_ro: {
    summary: 'A read-only variant for GEORADIUSBYMEMBER',
    since: '3.2.10',
    complexity:
      'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
    deprecatedSince: '6.2.0',
    replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments',
    arguments:
      'key:key#0 member:string radius:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI) ?withcoord:pure-token=WITHCOORD ?withdist:pure-token=WITHDIST ?withhash:pure-token=WITHHASH ?count:block(count:integer=COUNT ?any:pure-token=ANY) ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC)',
  },
  geosearch: {
    summary: 'Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle.',
    since: '6.2.0',
    complexity:
      'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape',
    history: [['7.0.0', 'Added support for uppercase unit names.']],
    arguments:
      'key:key#0 from:oneof(member:string=FROMMEMBER longitude_latitude:block=FROMLONLAT(longitude:double latitude:double)) by:oneof(circle:block(radius:double=BYRADIUS unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI)) box:block(width:double=BYBOX height:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI))) ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC) ?count:block(count:integer=COUNT ?any:pure-token=ANY) ?withcoord:pure-token=WITHCOORD ?withdist:pure-token=WITHDIST ?withhash:pure-token=WITHHASH',
  },
  geosearchstore: {
    summary:
      'Query a sorted set representing a geospatial index to fetch members inside an area of a box or a circle, and store the result in another key.',
    since: '6.2.0',
    complexity:
      'O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape',
    history: [['7.0.0', 'Added support for uppercase unit names.']],
    arguments:
      'destination:key#0 source:key#1 from:oneof(member:string=FROMMEMBER longitude_latitude:block=FROMLONLAT(longitude:double latitude:double)) by:oneof(circle:block(radius:double=BYRADIUS unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI)) box:block(width:double=BYBOX height:double unit:oneof(m:pure-token=M km:pure-token=KM ft:pure-token=FT mi:pure-token=MI))) ?order:oneof(asc:pure-token=ASC desc:pure-token=DESC) ?count:block(count:integer=COUNT ?any:pure-token=ANY) ?storedist:pure-token=STOREDIST',
  },
}
