import type { PolicyRule } from '../core/restart-policy.ts'

const ENTRY = /^(?:([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/([A-Za-z0-9._-]+))?=)?(append_list|reject)$/

/** Reads `POLICY`, `APP=POLICY` and `APP/STREAM=POLICY`; null when an entry is none of these, or stands for the same as another. */
export function parseRestartPolicies(items: readonly string[]): PolicyRule[] | null {
  const rules: PolicyRule[] = []
  for (const item of items) {
    const [, app, stream, policy] = ENTRY.exec(item) ?? []
    if (policy !== 'append_list' && policy !== 'reject') return null
    if (rules.some((rule) => rule.app === app && rule.stream === stream)) return null
    rules.push({ policy, app, stream })
  }
  return rules
}
