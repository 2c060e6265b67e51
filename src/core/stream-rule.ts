import { mayBelongTo } from './names.ts'
import { baseName } from './upload-path.ts'

/** A setting of one stream of an app, of a whole app, or of everything. */
export interface StreamRule<Value> {
  readonly value: Value
  readonly app?: string | undefined
  readonly stream?: string | undefined
}

/** What the rules say of a file of an app. */
export type RuleFor<Value> = (app: string, name: string) => Value

/** The value of the rule that says most: of the stream, else of the app, else of all; `otherwise` where there is none. */
export function ruleFor<Value>(rules: readonly StreamRule<Value>[], otherwise: Value): RuleFor<Value> {
  return (app, name) => {
    const own = rules.filter((rule) => rule.app === app)
    const ofStream = own.find(({ stream }) => stream !== undefined && mayBelongTo(baseName(name), stream))
    const ofApp = own.find(({ stream }) => stream === undefined)
    const ofAll = rules.find((rule) => rule.app === undefined)
    return (ofStream ?? ofApp ?? ofAll)?.value ?? otherwise
  }
}
