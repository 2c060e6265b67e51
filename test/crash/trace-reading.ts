import { basename } from 'node:path'
import type { SystemCall, TraceMoment } from './system-calls.ts'

/** Something done to one file: from line `start` to line `end` of the trace. */
export interface FileAction {
  /** `write-through` is a write by a descriptor opened with O_DSYNC or O_SYNC. */
  readonly kind: 'open' | 'write' | 'write-through' | 'sync'
  readonly call: SystemCall
}

/** A `201` on its way out. */
export interface Answer {
  /** Last part of the path that was uploaded to. */
  readonly name: string
  /** Line on which the last bytes of the upload had come in. */
  readonly lastRead: number
  /** Line on which the writing of the answer began. */
  readonly at: number
}

/** What a trace says of uploads and files; one connection is one upload. */
export interface TraceReading {
  readonly answers: readonly Answer[]
  /** By path, in order of their start. */
  readonly files: ReadonlyMap<string, readonly FileAction[]>
}

interface Connection {
  readonly kind: 'connection'
  name: string | undefined
  lastRead: number
}

interface OpenFile {
  readonly kind: 'file'
  readonly path: string
  readonly isWriteThrough: boolean
}

const REQUEST_LINE = /"PUT \S*\/([^/\s]+) HTTP\/1\.1/
const OPENED = /^\w+, "([^"]*)", (\S+)/
const WRITES = new Set(['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2'])
const SYNCS = new Set(['fsync', 'fdatasync'])

/** Follows every descriptor of a trace from its opening to its closing. */
export function readTrace(moments: readonly TraceMoment[]): TraceReading {
  const open = new Map<number, Connection | OpenFile>()
  const targets = new Map<SystemCall, Connection | OpenFile>()
  const files = new Map<string, FileAction[]>()
  const answers: Answer[] = []
  const begin = (call: SystemCall) => {
    const descriptor = Number.parseInt(call.args, 10)
    const target = open.get(descriptor)
    // A number can be given again before close returns, never before it began.
    if (call.name === 'close') open.delete(descriptor)
    if (target === undefined) return
    targets.set(call, target)
    if (target.kind === 'connection' && call.args.includes('"HTTP/1.1 201 ')) {
      answers.push({ name: target.name ?? 'unknown', lastRead: target.lastRead, at: call.start })
    }
  }
  const end = (call: SystemCall) => {
    if (Number.isNaN(call.result) || call.result < 0) return
    const target = targets.get(call)
    if (call.name === 'accept4') {
      open.set(call.result, { kind: 'connection', name: undefined, lastRead: call.end })
    } else if (call.name === 'openat') {
      const file = openedFile(call)
      open.set(call.result, file)
      add(files, file.path, { kind: 'open', call })
    } else if (target?.kind === 'connection') readMore(target, call)
    else if (target?.kind === 'file') actOn(files, target, call)
  }
  for (const { kind, call } of moments) (kind === 'start' ? begin : end)(call)
  for (const actions of files.values()) actions.sort((one, other) => one.call.start - other.call.start)
  return { answers, files }
}

function readMore(connection: Connection, call: SystemCall): void {
  if ((call.name !== 'read' && call.name !== 'recvfrom') || call.result === 0) return
  connection.name ??= REQUEST_LINE.exec(call.args)?.[1]
  connection.lastRead = call.end
}

function openedFile(call: SystemCall): OpenFile {
  const [, path = '', flags = ''] = OPENED.exec(call.args) ?? []
  return { kind: 'file', path, isWriteThrough: /\bO_D?SYNC\b/.test(flags) }
}

function actOn(files: Map<string, FileAction[]>, file: OpenFile, call: SystemCall): void {
  if (SYNCS.has(call.name)) add(files, file.path, { kind: 'sync', call })
  else if (WRITES.has(call.name)) add(files, file.path, { kind: file.isWriteThrough ? 'write-through' : 'write', call })
}

function add(files: Map<string, FileAction[]>, path: string, action: FileAction): void {
  const actions = files.get(path) ?? []
  files.set(path, actions)
  actions.push(action)
}

/** The actions on the one file whose last path part is `name`. */
export function actionsOn({ files }: TraceReading, name: string): readonly FileAction[] {
  const found = [...files].filter(([path]) => basename(path) === name)
  if (found.length > 1) throw new Error(`several files are called ${name}`)
  return found[0]?.[1] ?? []
}
