/** Documentation of the JSON commands: see doc.ts for the shape. Versions are those of RedisJSON. */
import type { Docs } from '../doc.ts'

const FOUND = 'O(1) where the path names one value, else O(N) with N the nodes that it visits'
const OF_ARRAY = 'O(N) with N the items of the array, and the nodes that the path visits'
const PRINTED = 'O(N) with N the size of what is returned, and the nodes that the path visits'
const KEY_AND_PATH = 'key:key#0 ?path:string'

export const docs: Docs = {
  'json.arrappend': {
    summary: 'Append values to arrays in a document',
    since: '1.0.0',
    complexity: FOUND,
    arguments: 'key:key#0 path:string *value:string',
  },
  'json.arrindex': {
    summary: 'Get where a value first stands in arrays of a document',
    since: '1.0.0',
    complexity: OF_ARRAY,
    arguments: 'key:key#0 path:string value:string ?range:block(start:integer ?stop:integer)',
  },
  'json.arrinsert': {
    summary: 'Insert values into arrays of a document before an index',
    since: '1.0.0',
    complexity: OF_ARRAY,
    arguments: 'key:key#0 path:string index:integer *value:string',
  },
  'json.arrlen': {
    summary: 'Get the length of arrays in a document',
    since: '1.0.0',
    complexity: FOUND,
    arguments: KEY_AND_PATH,
  },
  'json.arrpop': {
    summary: 'Remove and return an item of arrays in a document',
    since: '1.0.0',
    complexity: 'O(1) for the last item, else O(N) with N the items of the array, and the nodes that the path visits',
    arguments: 'key:key#0 ?path:block(path:string ?index:integer)',
  },
  'json.arrtrim': {
    summary: 'Keep only a range of the items of arrays in a document',
    since: '1.0.0',
    complexity: OF_ARRAY,
    arguments: 'key:key#0 path:string start:integer stop:integer',
  },
  'json.clear': {
    summary: 'Empty arrays and objects, and make numbers 0',
    since: '2.0.0',
    complexity: 'O(N) with N the size of what is cleared, and the nodes that the path visits',
    arguments: KEY_AND_PATH,
  },
  'json.debug': { summary: 'A container for debugging commands on documents', since: '1.0.0', complexity: 'N/A' },
  'json.debug|help': { summary: 'Get what JSON.DEBUG can do', since: '1.0.0', complexity: 'O(1)' },
  'json.debug|memory': {
    summary: 'Get how many bytes values of a document take',
    since: '1.0.0',
    complexity: 'O(N) with N the size of the values, and the nodes that the path visits',
    arguments: KEY_AND_PATH,
  },
  'json.del': {
    summary: 'Delete values of a document',
    since: '1.0.0',
    complexity: 'O(N) with N the size of what is deleted, and the nodes that the path visits',
    arguments: KEY_AND_PATH,
  },
  'json.forget': {
    summary: 'Delete values of a document',
    since: '1.0.0',
    complexity: 'O(N) with N the size of what is deleted, and the nodes that the path visits',
    arguments: KEY_AND_PATH,
  },
  'json.get': {
    summary: 'Get values of a document as JSON',
    since: '1.0.0',
    complexity: PRINTED,
    arguments: 'key:key#0 ?indent:string=INDENT ?newline:string=NEWLINE ?space:string=SPACE ?*path:string',
  },
  'json.merge': {
    summary: 'Merge a value into values of a document, as a merge patch of RFC 7396',
    since: '2.6.0',
    complexity: 'O(M+N) with M the size of what is replaced and N that of the value, for each value it is merged into',
    arguments: 'key:key#0 path:string value:string',
  },
  'json.mget': {
    summary: 'Get what one path finds in each of several documents as JSON',
    since: '1.0.0',
    complexity: PRINTED,
    arguments: '*key:key#0 path:string',
  },
  'json.mset': {
    summary: 'Set values in one or more documents',
    since: '2.6.0',
    complexity: 'O(K*(M+N)) with K the number of triplets, M the size of what is replaced and N that of the values',
    arguments: '*triplet:block(key:key#0 path:string value:string)',
  },
  'json.numincrby': {
    summary: 'Add to numbers in a document',
    since: '1.0.0',
    complexity: FOUND,
    arguments: 'key:key#0 path:string value:double',
  },
  'json.nummultby': {
    summary: 'Multiply numbers in a document',
    since: '1.0.0',
    complexity: FOUND,
    arguments: 'key:key#0 path:string value:double',
  },
  'json.numpowby': {
    summary: 'Raise numbers of a document to a power',
    since: '2.0.0',
    complexity: FOUND,
    arguments: 'key:key#0 path:string value:double',
  },
  'json.objkeys': {
    summary: 'Get the names of the members of objects in a document',
    since: '1.0.0',
    complexity: 'O(N) with N the number of names, and the nodes that the path visits',
    arguments: KEY_AND_PATH,
  },
  'json.objlen': {
    summary: 'Get how many members objects of a document have',
    since: '1.0.0',
    complexity: FOUND,
    arguments: KEY_AND_PATH,
  },
  'json.resp': {
    summary: 'Get values of a document as replies of the protocol',
    since: '1.0.0',
    complexity: PRINTED,
    arguments: KEY_AND_PATH,
  },
  'json.set': {
    summary: 'Set values of a document',
    since: '1.0.0',
    complexity:
      'O(M+N) with M the size of what is replaced and N that of the value, for each value that the path finds',
    arguments:
      'key:key#0 path:string value:string ?condition:oneof(nx:pure-token=NX xx:pure-token=XX) ?fpha:block(fpha:pure-token=FPHA fpha-type:oneof(fp16:pure-token=FP16 bf16:pure-token=BF16 fp32:pure-token=FP32 fp64:pure-token=FP64))',
  },
  'json.strappend': {
    summary: 'Append to strings in a document',
    since: '1.0.0',
    complexity: 'O(N) with N the length of the strings, and the nodes that the path visits',
    arguments: 'key:key#0 ?path:string value:string',
  },
  'json.strlen': {
    summary: 'Get the length of strings in a document',
    since: '1.0.0',
    complexity: FOUND,
    arguments: KEY_AND_PATH,
  },
  'json.toggle': {
    summary: 'Turn true in a document to false, and false to true',
    since: '2.0.0',
    complexity: FOUND,
    arguments: 'key:key#0 path:string',
  },
  'json.type': {
    summary: 'Get the types of values in a document',
    since: '1.0.0',
    complexity: FOUND,
    arguments: KEY_AND_PATH,
  },
}
