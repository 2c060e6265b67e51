import { readFileSync, writeFileSync } from 'node:fs'

/** Written to clear_refs: sets the peak of the resident set back to what it is now (Linux, proc(5)). */
const RESET_PEAK = '5'
const KIB = 1024
/** How often memory is looked at, in ms, and how many bytes it may differ by, until it counts as calm. */
const CALM_STEP_MS = 250
const CALM_BYTES = 1024 * KIB
/** How often it is looked at, at most. */
const CALM_STEPS = 40

/** Memory of a process that is resident, in bytes. */
export interface ResidentMemory {
  readonly now: number
  /** The most it ever was, or was since the last reset. */
  readonly peak: number
}

/** Reads the resident memory of a process, as Linux counts it. */
export function residentMemory(pid: number): ResidentMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return { now: bytesOf(status, 'VmRSS'), peak: bytesOf(status, 'VmHWM') }
}

/** Sets the recorded peak of a process back to its present memory. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK)
}

/** Resident memory once it has stopped to change, in bytes. */
export async function calmMemory(pid: number): Promise<number> {
  let before = residentMemory(pid).now
  for (let step = 0; step < CALM_STEPS; step++) {
    await new Promise((resolve) => setTimeout(resolve, CALM_STEP_MS))
    const { now } = residentMemory(pid)
    if (Math.abs(now - before) < CALM_BYTES) return now
    before = now
  }
  return before
}

function bytesOf(status: string, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kilobytes === undefined) throw new Error(`/proc/PID/status has no ${field}`)
  return Number(kilobytes) * KIB
}
