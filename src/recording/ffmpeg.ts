import ffmpeg from 'fluent-ffmpeg'
import { JobError } from '../core/jobs/job.ts'

/** What ffmpeg is to do, with one input and one output. */
export interface FfmpegTask {
  readonly input: string
  readonly inputOptions: readonly string[]
  readonly outputOptions: readonly string[]
  /** A path that nothing is at yet. */
  readonly output: string
  /** How long the input plays, in s, to tell the progress; 0: nobody knows. */
  readonly seconds: number
}

/** Bounds of a run of ffmpeg. */
export interface FfmpegLimits {
  /** How long it may take, in ms. */
  readonly ms: number
  /** How large its output may get, in bytes. */
  readonly bytes: number
}

/** How much it gives way to the receiver and others (nice). */
const NICENESS = 10
/** How long it may take to end when it is asked to, in ms. */
const KILL_MS = 2_000
/** Lines of what it wrote last that are told with an error. */
const LAST_LINES = 8

/** ffmpeg, in a process of its own, niced, with bounds of time and size; it reads and writes what the task names. */
export class Ffmpeg {
  readonly #path: string
  readonly #limits: FfmpegLimits

  constructor(path: string, limits: FfmpegLimits) {
    this.#path = path
    this.#limits = limits
  }

  /** Resolves when the output is whole. Throws JobError: `ffmpeg-failed`, `job-too-long`, `job-too-large`, `job-ended`. */
  async run(task: FfmpegTask, signal: AbortSignal, progress: (percent: number) => void): Promise<void> {
    const command = ffmpeg({ niceness: NICENESS, stdoutLines: LAST_LINES })
      .setFfmpegPath(this.#path)
      .input(task.input)
      .inputOptions([...task.inputOptions])
      .outputOptions(['-hide_banner', '-nostdin', '-fs', String(this.#limits.bytes), ...task.outputOptions])
      .output(task.output)
    const stopped = stopping(command, signal, this.#limits.ms)
    let bytes = 0
    command.on('progress', ({ timemark, targetSize }: Progress) => {
      bytes = (targetSize ?? 0) * 1_024
      if (task.seconds > 0) progress((100 * secondsOf(timemark)) / task.seconds)
    })
    try {
      await ended(command)
    } catch (cause) {
      throw stopped.reason() ?? failure(cause)
    } finally {
      stopped.end()
    }
    // With -fs it ends by itself, and says nothing.
    if (bytes >= this.#limits.bytes) throw tooLarge()
  }
}

type Command = ReturnType<typeof ffmpeg>

interface Progress {
  readonly timemark: string
  readonly targetSize?: number
}

function ended(command: Command): Promise<void> {
  return new Promise((resolve, reject) => {
    command.on('end', () => resolve())
    command.on('error', (error: Error, _stdout: string, stderr: string) => {
      reject(new Error(lastLines(stderr) || error.message, { cause: error }))
    })
    command.run()
  })
}

/** Ends the process when the time is up, or it is not wanted any more. */
function stopping(command: Command, signal: AbortSignal, ms: number) {
  let why: JobError | undefined
  const timers: NodeJS.Timeout[] = []
  const stop = (reason: JobError) => {
    why ??= reason
    command.kill('SIGTERM')
    timers.push(setTimeout(() => command.kill('SIGKILL'), KILL_MS))
  }
  const onAbort = () => stop(new JobError('job-ended', 'The job was ended.', { retryable: true }))
  const tooLong = () => stop(new JobError('job-too-long', 'The job took longer than it may.', { retryable: false }))
  timers.push(setTimeout(tooLong, ms))
  // Before it has started there is nothing to end.
  command.on('start', () => why !== undefined && command.kill('SIGKILL'))
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    reason: () => why,
    end() {
      signal.removeEventListener('abort', onAbort)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}

function tooLarge(): JobError {
  return new JobError('job-too-large', 'The file got larger than it may.', { retryable: false })
}

function failure(cause: unknown): JobError {
  const text = cause instanceof Error ? cause.message : 'unknown'
  return new JobError('ffmpeg-failed', `ffmpeg failed: ${text}`, { retryable: true, cause })
}

/** `00:01:02.50` in s. */
function secondsOf(timemark: string): number {
  return timemark.split(':').reduce((sum, part) => sum * 60 + (Number.parseFloat(part) || 0), 0)
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-LAST_LINES).join(' | ')
}
