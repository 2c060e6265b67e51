import type { ChildProcess } from 'node:child_process'
import ffmpeg from 'fluent-ffmpeg'
import { JobError } from '../core/jobs/job.ts'
import { FfmpegReport } from './ffmpeg-report.ts'

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
  /** How large its output may get, in bytes; it ends by itself then, and what it wrote is a little larger. */
  readonly bytes: number
}

/** How much it gives way to the receiver and others (nice). */
const NICENESS = 10
/** It says what went wrong and how far it is, in lines for programs, and asks nothing. */
const GLOBAL_OPTIONS = ['-hide_banner', '-nostdin', '-v', 'error', '-nostats', '-progress', 'pipe:2']
/** Of this process's environment, what it gets: no secret, and no proxy that it would ask for what is on this machine. */
const ENVIRONMENT = ['PATH', 'LD_LIBRARY_PATH']
/** Exit codes of `nice` for a program that cannot be run, or is not there. */
const NOT_RUN = /exited with code 12[67]\b/

/** What ffmpeg says of a full disk, after strerror(3). */
const NO_SPACE = /No space left on device/

/** ffmpeg, in a process of its own, niced, with bounds of time and size; it reads and writes what the task names. */
export class Ffmpeg {
  readonly #path: string
  readonly #limits: FfmpegLimits

  constructor(path: string, limits: FfmpegLimits) {
    this.#path = path
    this.#limits = limits
  }

  /** How large an output may get, in bytes. */
  get maxBytes(): number {
    return this.#limits.bytes
  }

  /**
   * Resolves with how long the output plays, in s, when ffmpeg has ended well. Throws JobError: `ffmpeg-failed`, `ffmpeg-missing`,
   * `job-too-long`, `job-ended`.
   */
  async run(task: FfmpegTask, signal: AbortSignal, progress: (percent: number) => void): Promise<number> {
    const report = new FfmpegReport((seconds) => {
      if (task.seconds > 0) progress((100 * seconds) / task.seconds)
    })
    const command = ffmpeg({ niceness: NICENESS })
      .setFfmpegPath(this.#path)
      .input(task.input)
      .inputOptions([...GLOBAL_OPTIONS, ...task.inputOptions])
      .outputOptions(['-fs', String(this.#limits.bytes), ...task.outputOptions])
      .output(task.output)
    const running = ownSpawn(command)
    const stopped = stopping(running, signal, this.#limits.ms)
    try {
      await ended(command, report)
    } catch (cause) {
      throw stopped.reason() ?? failure(cause, report)
    } finally {
      stopped.end()
    }
    return report.seconds
  }
}

type Command = ReturnType<typeof ffmpeg>

type Callback = (...results: unknown[]) => void

/** What fluent-ffmpeg starts processes by, those too that it asks for ffmpeg's formats and encoders; no part of its API. */
interface Spawning {
  /** The last callback is called when the process has ended, one before it when it has begun. */
  _spawnFfmpeg: (args: unknown, options: object, ...callbacks: Callback[]) => void
}

/** The process that was started last, and whether none may run any more. */
interface Running {
  child: ChildProcess | undefined
  isOver: boolean
}

/** Starts the processes of a command with the environment they are meant to have, and remembers them: it has no options for either. */
function ownSpawn(command: Command): Running {
  const running: Running = { child: undefined, isOver: false }
  const spawning = command as unknown as Spawning
  const spawn = spawning._spawnFfmpeg.bind(command)
  spawning._spawnFfmpeg = (args, options, ...callbacks) => {
    const onEnd = once(callbacks.pop() ?? (() => {}))
    const onStart: Callback = (...results) => {
      running.child = results[0] as ChildProcess
      if (running.isOver) running.child.kill('SIGKILL')
      for (const callback of callbacks) callback(...results)
    }
    try {
      spawn(args, { ...options, env: environment() }, onStart, onEnd)
    } catch (error) {
      onEnd(error)
    }
  }
  return running
}

/** A process that could not be started may be told of twice, and without what it wrote, which is asked for all the same. */
function once(callback: Callback): Callback {
  const nothing = { get: () => '' }
  let isCalled = false
  return (error, stdout = nothing, stderr = nothing) => {
    if (isCalled) return
    isCalled = true
    callback(error, stdout, stderr)
  }
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    ENVIRONMENT.flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function ended(command: Command, report: FfmpegReport): Promise<void> {
  return new Promise((resolve, reject) => {
    // Not by its event of progress: for that it starts ffprobe, which reads the input unbounded.
    command.on('stderr', (line: string) => report.add(line))
    command.on('end', () => resolve())
    command.on('error', reject)
    command.run()
  })
}

/** Kills the process when the time is up, or it is not wanted any more: what it made by then is of no use. */
function stopping(running: Running, signal: AbortSignal, ms: number) {
  let why: JobError | undefined
  const stop = (reason: JobError) => {
    why ??= reason
    running.isOver = true
    running.child?.kill('SIGKILL')
  }
  const onAbort = () => stop(new JobError('job-ended', 'The job was ended.', { retryable: true }))
  const tooLong = () => stop(new JobError('job-too-long', 'The job took longer than it may.', { retryable: false }))
  const timer = setTimeout(tooLong, ms)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return {
    reason: () => why,
    end() {
      signal.removeEventListener('abort', onAbort)
      clearTimeout(timer)
    },
  }
}

function failure(cause: unknown, report: FfmpegReport): JobError {
  const text = cause instanceof Error ? cause.message : ''
  const isMissing = NOT_RUN.test(text) || /\b(?:ENOENT|EACCES)\b/.test(text)
  if (isMissing) return new JobError('ffmpeg-missing', 'ffmpeg cannot be started.', { retryable: true, cause })
  const words = report.lastLines() || text
  if (NO_SPACE.test(words))
    return new JobError('disk-full', 'There is no space left for the file.', { retryable: 'outage', cause })
  return new JobError('ffmpeg-failed', `ffmpeg failed: ${words}`, { retryable: true, cause })
}
