/** Flags of commands, as the engine asks for them together. */
import { Flag } from '../commands/command.ts'

/** Commands that cannot take long: timed together within a pipeline. */
export const SHORT = Flag.Fast | Flag.Brief

/** What may change keys. */
export const WRITES = Flag.Write | Flag.MayReplicate

/** Of the commands that read, those that run others leave to them which keys a client is to hear of. */
export const READS = Flag.ReadOnly | Flag.RunsOthers

/** Commands that monitors do not see. */
export const UNSEEN = Flag.SkipMonitor | Flag.Admin
