/** Documentation of the sorted set commands: see doc.ts for the shape. Facts and wording of Redis 7.0's COMMAND DOCS. */
import type { Docs } from '../doc.ts'

export const docs: Docs = {
  bzmpop: {
    summary: 'Remove and return members with scores in a sorted set or block until one is available',
    since: '7.0.0',
    complexity:
      'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    arguments:
      'timeout:double numkeys:integer *key:key#0 where:oneof(min:pure-token=MIN max:pure-token=MAX) ?count:integer=COUNT',
  },
  bzpopmax: {
    summary:
      'Remove and return the member with the highest score from one or more sorted sets, or block until one is available',
    since: '5.0.0',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    arguments: '*key:key#0 timeout:double',
  },
  bzpopmin: {
    summary:
      'Remove and return the member with the lowest score from one or more sorted sets, or block until one is available',
    since: '5.0.0',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
    arguments: '*key:key#0 timeout:double',
  },
  zadd: {
    summary: 'Add one or more members to a sorted set, or update its score if it already exists',
    since: '1.2.0',
    complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
    history: [
      ['2.4.0', 'Accepts multiple elements.'],
      ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
      ['6.2.0', 'Added the `GT` and `LT` options.'],
    ],
    arguments:
      'key:key#0 ?condition:oneof^3.0.2(nx:pure-token=NX xx:pure-token=XX) ?comparison:oneof^6.2.0(gt:pure-token=GT lt:pure-token=LT) ?change:pure-token^3.0.2=CH ?increment:pure-token^3.0.2=INCR *score_member:block(score:double member:string)',
  },
  zcard: {
    summary: 'Get the number of members in a sorted set',
    since: '1.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0',
  },
  zcount: {
    summary: 'Count the members in a sorted set with scores within the given values',
    since: '2.0.0',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    arguments: 'key:key#0 min:double max:double',
  },
  zdiff: {
    summary: 'Subtract multiple sorted sets',
    since: '6.2.0',
    complexity:
      'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    arguments: 'numkeys:integer *key:key#0 ?withscores:pure-token=WITHSCORES',
  },
  zdiffstore: {
    summary: 'Subtract multiple sorted sets and store the resulting sorted set in a new key',
    since: '6.2.0',
    complexity:
      'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
    arguments: 'destination:key#0 numkeys:integer *key:key#1',
  },
  zincrby: {
    summary: 'Increment the score of a member in a sorted set',
    since: '1.2.0',
    complexity: 'O(log(N)) where N is the number of elements in the sorted set.',
    arguments: 'key:key#0 increment:integer member:string',
  },
  zinter: {
    summary: 'Intersect multiple sorted sets',
    since: '6.2.0',
    complexity:
      'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    history: [['8.8.0', 'Added the `COUNT` aggregate option.']],
    arguments:
      'numkeys:integer *key:key#0 ?*weight:integer=WEIGHTS ?aggregate:oneof=AGGREGATE(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX count:pure-token^8.8.0=COUNT) ?withscores:pure-token=WITHSCORES',
  },
  zintercard: {
    summary: 'Intersect multiple sorted sets and return the cardinality of the result',
    since: '7.0.0',
    complexity:
      'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
    arguments: 'numkeys:integer *key:key#0 ?limit:integer=LIMIT',
  },
  zinterstore: {
    summary: 'Intersect multiple sorted sets and store the resulting sorted set in a new key',
    since: '2.0.0',
    complexity:
      'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
    history: [['8.8.0', 'Added the `COUNT` aggregate option.']],
    arguments:
      'destination:key#0 numkeys:integer *key:key#1 ?*weight:integer=WEIGHTS ?aggregate:oneof=AGGREGATE(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX count:pure-token^8.8.0=COUNT)',
  },
  zlexcount: {
    summary: 'Count the number of members in a sorted set between a given lexicographical range',
    since: '2.8.9',
    complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
    arguments: 'key:key#0 min:string max:string',
  },
  zmpop: {
    summary: 'Remove and return members with scores in a sorted set',
    since: '7.0.0',
    complexity:
      'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
    arguments: 'numkeys:integer *key:key#0 where:oneof(min:pure-token=MIN max:pure-token=MAX) ?count:integer=COUNT',
  },
  zmscore: {
    summary: 'Get the score associated with the given members in a sorted set',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of members being requested.',
    arguments: 'key:key#0 *member:string',
  },
  zpopmax: {
    summary: 'Remove and return members with the highest scores in a sorted set',
    since: '5.0.0',
    complexity:
      'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    arguments: 'key:key#0 ?count:integer',
  },
  zpopmin: {
    summary: 'Remove and return members with the lowest scores in a sorted set',
    since: '5.0.0',
    complexity:
      'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
    arguments: 'key:key#0 ?count:integer',
  },
  zrandmember: {
    summary: 'Get one or multiple random elements from a sorted set',
    since: '6.2.0',
    complexity: 'O(N) where N is the number of elements returned',
    arguments: 'key:key#0 ?options:block(count:integer ?withscores:pure-token=WITHSCORES)',
  },
  zrange: {
    summary: 'Return a range of members in a sorted set',
    since: '1.2.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
    history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
    arguments:
      'key:key#0 start:string stop:string ?sortby:oneof^6.2.0(byscore:pure-token=BYSCORE bylex:pure-token=BYLEX) ?rev:pure-token^6.2.0=REV ?offset_count:block^6.2.0=LIMIT(offset:integer count:integer) ?withscores:pure-token=WITHSCORES',
  },
  zrangebylex: {
    summary: 'Return a range of members in a sorted set, by lexicographical range',
    since: '2.8.9',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecatedSince: '6.2.0',
    replacedBy: '`ZRANGE` with the `BYLEX` argument',
    arguments: 'key:key#0 min:string max:string ?offset_count:block=LIMIT(offset:integer count:integer)',
  },
  zrangebyscore: {
    summary: 'Return a range of members in a sorted set, by score',
    since: '1.0.5',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecatedSince: '6.2.0',
    replacedBy: '`ZRANGE` with the `BYSCORE` argument',
    history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
    arguments:
      'key:key#0 min:double max:double ?withscores:pure-token^2.0.0=WITHSCORES ?offset_count:block=LIMIT(offset:integer count:integer)',
  },
  zrangestore: {
    summary: 'Store a range of members from sorted set into another key',
    since: '6.2.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
    arguments:
      'dst:key#0 src:key#1 min:string max:string ?sortby:oneof(byscore:pure-token=BYSCORE bylex:pure-token=BYLEX) ?rev:pure-token=REV ?offset_count:block=LIMIT(offset:integer count:integer)',
  },
  zrank: {
    summary: 'Determine the index of a member in a sorted set',
    since: '2.0.0',
    complexity: 'O(log(N))',
    history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
    arguments: 'key:key#0 member:string ?withscore:pure-token^7.2.0=WITHSCORE',
  },
  zrem: {
    summary: 'Remove one or more members from a sorted set',
    since: '1.2.0',
    complexity:
      'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
    history: [['2.4.0', 'Accepts multiple elements.']],
    arguments: 'key:key#0 *member:string',
  },
  zremrangebylex: {
    summary: 'Remove all members in a sorted set between the given lexicographical range',
    since: '2.8.9',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    arguments: 'key:key#0 min:string max:string',
  },
  zremrangebyrank: {
    summary: 'Remove all members in a sorted set within the given indexes',
    since: '2.0.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    arguments: 'key:key#0 start:integer stop:integer',
  },
  zremrangebyscore: {
    summary: 'Remove all members in a sorted set within the given scores',
    since: '1.2.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
    arguments: 'key:key#0 min:double max:double',
  },
  zrevrange: {
    summary: 'Return a range of members in a sorted set, by index, with scores ordered from high to low',
    since: '1.2.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
    deprecatedSince: '6.2.0',
    replacedBy: '`ZRANGE` with the `REV` argument',
    arguments: 'key:key#0 start:integer stop:integer ?withscores:pure-token=WITHSCORES',
  },
  zrevrangebylex: {
    summary:
      'Return a range of members in a sorted set, by lexicographical range, ordered from higher to lower strings.',
    since: '2.8.9',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecatedSince: '6.2.0',
    replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments',
    arguments: 'key:key#0 max:string min:string ?offset_count:block=LIMIT(offset:integer count:integer)',
  },
  zrevrangebyscore: {
    summary: 'Return a range of members in a sorted set, by score, with scores ordered from high to low',
    since: '2.2.0',
    complexity:
      'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
    deprecatedSince: '6.2.0',
    replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments',
    history: [['2.1.6', '`min` and `max` can be exclusive.']],
    arguments:
      'key:key#0 max:double min:double ?withscores:pure-token=WITHSCORES ?offset_count:block=LIMIT(offset:integer count:integer)',
  },
  zrevrank: {
    summary: 'Determine the index of a member in a sorted set, with scores ordered from high to low',
    since: '2.0.0',
    complexity: 'O(log(N))',
    history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
    arguments: 'key:key#0 member:string ?withscore:pure-token^7.2.0=WITHSCORE',
  },
  zscan: {
    summary: 'Incrementally iterate sorted sets elements and associated scores',
    since: '2.8.0',
    complexity:
      'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection..',
    arguments: 'key:key#0 cursor:integer ?pattern:pattern=MATCH ?count:integer=COUNT',
  },
  zscore: {
    summary: 'Get the score associated with the given member in a sorted set',
    since: '1.2.0',
    complexity: 'O(1)',
    arguments: 'key:key#0 member:string',
  },
  zunion: {
    summary: 'Add multiple sorted sets',
    since: '6.2.0',
    complexity:
      'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    history: [['8.8.0', 'Added the `COUNT` aggregate option.']],
    arguments:
      'numkeys:integer *key:key#0 ?*weight:integer=WEIGHTS ?aggregate:oneof=AGGREGATE(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX count:pure-token^8.8.0=COUNT) ?withscores:pure-token=WITHSCORES',
  },
  zunionstore: {
    summary: 'Add multiple sorted sets and store the resulting sorted set in a new key',
    since: '2.0.0',
    complexity:
      'O(N)+O(M log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
    history: [['8.8.0', 'Added the `COUNT` aggregate option.']],
    arguments:
      'destination:key#0 numkeys:integer *key:key#1 ?*weight:integer=WEIGHTS ?aggregate:oneof=AGGREGATE(sum:pure-token=SUM min:pure-token=MIN max:pure-token=MAX count:pure-token^8.8.0=COUNT)',
  },
}
