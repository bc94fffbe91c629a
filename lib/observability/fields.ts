/** A section of INFO as names and values, in the order in which they are printed. */
export type Fields = readonly (readonly [name: string, value: string | number])[]
