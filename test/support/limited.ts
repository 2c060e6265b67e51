import {
  type DeletionRules,
  NO_LIMITS,
  NOTHING_DELETED,
  type RecordingLimits,
} from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { Trial } from './trial.ts'

interface Beside {
  /** What else is removed by itself. */
  readonly rules?: Partial<DeletionRules>
  /** How many entries of a recording make a block. */
  readonly blockEntries?: number
}

/** A receiver whose recordings have limits. */
export async function limited(limits: Partial<RecordingLimits>, beside: Beside = {}): Promise<Trial> {
  const deletion = { ...NOTHING_DELETED, ...beside.rules, limits: { ...NO_LIMITS, ...limits, areSet: true } }
  const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion, beside.blockEntries)
  await trial.restart()
  return trial
}
