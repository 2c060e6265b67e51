import { type PolicyRule, RESTART_POLICIES } from '../core/restart-policy.ts'
import { parseStreamRules } from './stream-rules.ts'

/** Reads `POLICY`, `APP=POLICY` and `APP/STREAM=POLICY`; null when an entry is none of these, or stands for the same as another. */
export function parseRestartPolicies(items: readonly string[]): PolicyRule[] | null {
  const rules = parseStreamRules(items, RESTART_POLICIES)
  return rules?.map(({ value, app, stream }) => ({ policy: value, app, stream })) ?? null
}
