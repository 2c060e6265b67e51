import { type PolicyRule, RESTART_POLICIES } from '../core/restart-policy.ts'

const ENTRY = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/([A-Za-z0-9._-]+))?=)?(\w+)$/

/** Reads `POLICY`, `APP=POLICY` and `APP/STREAM=POLICY`; null when an entry is none of these, or stands for the same as another. */
export function parseRestartPolicies(items: readonly string[]): PolicyRule[] | null {
  const rules: PolicyRule[] = []
  for (const item of items) {
    const [, app, stream, name] = ENTRY.exec(item) ?? []
    const policy = RESTART_POLICIES.find((each) => each === name)
    if (policy === undefined || rules.some((rule) => rule.app === app && rule.stream === stream)) return null
    rules.push({ policy, app, stream })
  }
  return rules
}
