/** The numbers by which snapshots tell the forms of values, and the opcodes that stand between keys. */

export const RdbType = {
  String: 0,
  List: 1,
  Set: 2,
  ZSetText: 3,
  Hash: 4,
  ZSet: 5,
  Module: 7,
  HashZipmap: 9,
  ListZiplist: 10,
  SetIntset: 11,
  ZSetZiplist: 12,
  HashZiplist: 13,
  ListQuicklistZiplist: 14,
  Stream: 15,
  HashListpack: 16,
  ZSetListpack: 17,
  ListQuicklist: 18,
  Stream2: 19,
  SetListpack: 20,
  Stream3: 21,
  HashExpiryBefore: 22,
  HashListpackExpiryBefore: 23,
  HashExpiry: 24,
  HashListpackExpiry: 25,
  Stream4: 26,
  Stream5: 27,
  Array: 28,
} as const

export const Opcode = {
  SlotInfo: 244,
  Function: 245,
  FunctionBefore: 246,
  ModuleAux: 247,
  Idle: 248,
  Frequency: 249,
  Aux: 250,
  ResizeDb: 251,
  ExpireMs: 252,
  ExpireSeconds: 253,
  SelectDb: 254,
  End: 255,
} as const

/** What Redis 7.4 writes, and the newest that is read. */
export const RDB_VERSION = 12

/** What Redis 7.0 reads: written wherever the value has nothing that is newer. */
export const RDB_VERSION_7_0 = 10
