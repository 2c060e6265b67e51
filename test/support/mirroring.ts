import { NOTHING_DELETED } from '../../src/core/removal/deletion-rule.ts'
import { policies } from '../../src/core/restart-policy.ts'
import { NEVER_STALE } from '../simulation/world/surroundings.ts'
import { Trial } from './trial.ts'

/** How long after its end a deleted playlist goes, in ms. */
export const AFTER_MS = 60_000

/** A receiver that mirrors what encoders delete, or keeps it. */
export async function mirroring(isMirror = true): Promise<Trial> {
  const deletion = { ...NOTHING_DELETED, afterMs: AFTER_MS, isMirror: () => isMirror }
  const trial = new Trial(NEVER_STALE, policies([]), undefined, deletion)
  await trial.restart()
  return trial
}
