import { NO_LIMITS, NOTHING_DELETED, type RecordingLimits } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { Trial } from './trial.ts'

/** A receiver whose recordings have limits. */
export async function limited(limits: Partial<RecordingLimits>): Promise<Trial> {
  const deletion = { ...NOTHING_DELETED, limits: { ...NO_LIMITS, ...limits, areSet: true } }
  const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion)
  await trial.restart()
  return trial
}
