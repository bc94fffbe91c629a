/** Rejects with what did not arrive as it should. */
export function smoke(base: string, token: string): Promise<void>
