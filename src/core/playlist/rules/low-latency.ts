import { BYTE_RANGE } from '../tags.ts'
import { linesOf, type PlaylistView, type Report, type Rule } from './view.ts'

const HINT_TYPES: ReadonlySet<string | undefined> = new Set(['PART', 'MAP'])

function checkParts(view: PlaylistView, report: Report): void {
  const parts = linesOf(view, '#EXT-X-PART')
  const target = secondsOf(linesOf(view, '#EXT-X-PART-INF')[0]?.attributes.get('PART-TARGET'))
  const [first] = parts
  if (first !== undefined && target === undefined) report('part-inf-missing', first.line)
  for (const { line, attributes, isMalformed } of parts) {
    const duration = secondsOf(attributes.get('DURATION'))
    const isComplete = duration !== undefined && Boolean(attributes.get('URI'))
    const range = attributes.get('BYTERANGE')
    if (!isMalformed && !isComplete) report('part-incomplete', line)
    if (range !== undefined && !BYTE_RANGE.test(range)) report('part-byterange-invalid', line)
    if (target !== undefined && duration !== undefined && duration > target) report('part-too-long', line)
  }
}

function secondsOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d+(?:\.\d*)?$/.test(value) ? Number(value) : undefined
}

function checkServerControl(view: PlaylistView, report: Report): void {
  const [control] = linesOf(view, '#EXT-X-SERVER-CONTROL')
  const [info] = linesOf(view, '#EXT-X-PART-INF')
  if (info === undefined) return
  const written = control?.attributes.get('PART-HOLD-BACK')
  const holdBack = secondsOf(written)
  const target = secondsOf(info.attributes.get('PART-TARGET'))
  const line = control?.line ?? info.line
  if (written === undefined) report('part-hold-back-missing', line)
  else if (holdBack !== undefined && target !== undefined && holdBack < 2 * target) report('part-hold-back-low', line)
}

function checkHints(view: PlaylistView, report: Report): void {
  for (const { line, attributes } of linesOf(view, '#EXT-X-PRELOAD-HINT')) {
    if (!HINT_TYPES.has(attributes.get('TYPE')) || !attributes.get('URI')) report('preload-hint-incomplete', line)
  }
}

function checkSkip(view: PlaylistView, report: Report): void {
  const [skip] = linesOf(view, '#EXT-X-SKIP')
  if (skip !== undefined) report('playlist-delta', skip.line)
}

/** Low latency and delta updates. */
export const LOW_LATENCY_RULES: readonly Rule[] = [checkParts, checkServerControl, checkHints, checkSkip]
