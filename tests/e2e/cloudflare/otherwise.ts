/** What is otherwise in a Durable Object, and why: cases of the contract by their titles. */
export const OTHERWISE: Readonly<Record<string, string>> = {}
