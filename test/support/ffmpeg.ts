import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

/** What a program left behind. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
  readonly stdout: string
}

/** What ffmpeg decoded. */
export interface Decoded extends Finished {
  /** Pictures of the first video stream. */
  readonly frames: number
  /** Length of what came out, in seconds. */
  readonly seconds: number
}

/** Pictures a second of the test picture. */
export const FRAME_RATE = 25

/** Fails loudly when a program is not installed: a test that needs it never passes by skipping. */
export function requireProgram(name: string, apt: string): void {
  if (spawnSync('which', [name]).status !== 0) throw new Error(`${name} is needed: apt-get install ${apt}`)
}

/** Starts a program; its output is gathered. */
export function start(command: string, args: readonly string[]): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  let stdout = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
  })
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString()
  })
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stderr, stdout }))
  })
  return { child, finished }
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[]): Promise<Finished> {
  return start(command, args).finished
}

/** A small test picture with a tone, in real time; `seed` (the tone in Hz) makes every run's bytes differ. */
export function pictureArgs(seconds: number, seed = 440, moreInputs: readonly string[] = []): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'warning'],
    ...['-re', '-f', 'lavfi', '-i', `testsrc2=size=160x90:rate=${FRAME_RATE}`],
    ...['-re', '-f', 'lavfi', '-i', `sine=frequency=${seed}:sample_rate=48000`],
    ...moreInputs,
    ...['-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
    ...['-pix_fmt', 'yuv420p', '-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-b:v', '100k'],
    ...['-c:a', 'aac', '-b:a', '32k'],
  ]
}

/** AMS's default output: `%09d` from 1, delete_segments, program_date_time. */
export function amsOutput(base: string, stream: string, more: readonly string[] = []): string[] {
  return [
    ...['-f', 'hls', '-method', 'PUT', '-hls_time', '2', '-hls_list_size', '5', '-start_number', '1'],
    ...['-hls_flags', 'delete_segments+program_date_time', '-hls_segment_filename', `${base}/${stream}%09d.ts`],
    ...more,
    `${base}/${stream}.m3u8`,
  ]
}

/** Decodes all of a playlist or file; ends at the first error. */
export async function decode(
  url: string,
  inputOptions: readonly string[] = [],
  outputOptions: readonly string[] = [],
): Promise<Decoded> {
  const quiet = ['-hide_banner', '-nostdin', '-v', 'error', '-xerror', '-nostats', '-progress', 'pipe:1']
  const finished = await run('ffmpeg', [...quiet, ...inputOptions, '-i', url, ...outputOptions, '-f', 'null', '-'])
  const last = (name: string) => Number([...finished.stdout.matchAll(new RegExp(`^${name}=(\\d+)$`, 'gm'))].at(-1)?.[1])
  return { ...finished, frames: last('frame'), seconds: last('out_time_us') / 1e6 }
}
