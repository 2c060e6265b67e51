import { type RuleFor, ruleFor } from './stream-rule.ts'

/**
 * What becomes of an encoder that starts again under its old names. `append_list`: its files get names of their own, and the
 * recording goes on. `addDateTimeToHlsFileName`: likewise, with the date-time of each run in its names, and each run is a
 * recording. `overwrite`: its files take the place of the old ones, and its recording that of the old. `reject`: they are
 * refused, and the recording stays as it is.
 */
export const RESTART_POLICIES = ['append_list', 'addDateTimeToHlsFileName', 'overwrite', 'reject'] as const

/** One of them. */
export type RestartPolicy = (typeof RESTART_POLICIES)[number]

/** A policy, and what it holds for: one stream of an app, a whole app, or everything. */
export interface PolicyRule {
  readonly policy: RestartPolicy
  readonly app?: string | undefined
  readonly stream?: string | undefined
}

/** Tells the policy for an encoder name in an app. */
export type PolicyFor = RuleFor<RestartPolicy>

/** The policy of the rule that says most: of the stream, else of the app, else of all; `append_list` where there is none. */
export function policies(rules: readonly PolicyRule[]): PolicyFor {
  return ruleFor<RestartPolicy>(
    rules.map(({ policy, app, stream }) => ({ value: policy, app, stream })),
    'append_list',
  )
}
