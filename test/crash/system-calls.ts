/** One system call of a trace; its moments are lines of the trace, in the order in which the tracer saw them. */
export interface SystemCall {
  readonly thread: number
  readonly name: string
  /** Arguments as strace writes them. */
  readonly args: string
  /** What it returned; -1 after an error, NaN when the process died in it. */
  readonly result: number
  /** Line on which it was entered. */
  readonly start: number
  /** Line on which it came back; Infinity when it never did. */
  readonly end: number
}

/** A system call's entry or return, in the order in which the tracer saw them. */
export interface TraceMoment {
  readonly kind: 'start' | 'end'
  readonly call: SystemCall
}

const LINE = /^(\d+) +[\d.]+ (.*)$/
const RESUMED = /^<\.\.\. \w+ resumed>(.*)$/
const CALL = /^(\w+)\((.*)$/
const RETURN = /^(.*)\) += (-?\d+)[^"]*$/
const UNFINISHED = / <unfinished \.\.\.>$/

/** Reads the output of `strace -f -ttt`; calls that other threads interrupt stand there in two parts. */
export function parseTrace(text: string): TraceMoment[] {
  const begun = new Map<number, { name: string; args: string; start: number }>()
  const calls: SystemCall[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const [, threadText = '', rest = ''] = LINE.exec(line) ?? []
    const thread = Number(threadText)
    const resumed = RESUMED.exec(rest)?.[1]
    const [, name = '', args = ''] = CALL.exec(rest) ?? []
    if (resumed !== undefined) {
      const call = begun.get(thread)
      begun.delete(thread)
      if (call !== undefined) calls.push(finished(thread, call.name, call.args + resumed, call.start, index))
    } else if (name !== '' && UNFINISHED.test(args)) {
      begun.set(thread, { name, args: args.replace(UNFINISHED, ''), start: index })
    } else if (name !== '') calls.push(finished(thread, name, args, index, index))
  }
  for (const [thread, call] of begun) calls.push({ thread, ...call, result: Number.NaN, end: Infinity })
  return momentsOf(calls)
}

function finished(thread: number, name: string, rest: string, start: number, end: number): SystemCall {
  const [, args = rest, result = 'NaN'] = RETURN.exec(rest) ?? []
  return { thread, name, args, result: Number(result), start, end }
}

function momentsOf(calls: readonly SystemCall[]): TraceMoment[] {
  const moments = calls.flatMap((call): TraceMoment[] => [
    { kind: 'start', call },
    { kind: 'end', call },
  ])
  const lineOf = ({ kind, call }: TraceMoment) => (kind === 'start' ? call.start : call.end)
  return moments.sort((one, other) => lineOf(one) - lineOf(other))
}
