/** Why a connection is not read. */
export const Stop = {
  /** The client does not take its replies. */
  Unread: 1,
  /** It has failed to authenticate too often. */
  Held: 2,
  /** It has had its time: others get their turn. */
  Slice: 4,
} as const
