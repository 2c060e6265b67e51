import type { PictureFormat } from '../making/order.ts'

/** Pictures of streams, under AMS's names (facts of AMS, section 6). */
export interface PreviewRules {
  /** Whether pictures of a stream are made (generatePreview). */
  isOn(app: string, stream: string): boolean
  /** How often, in ms (createPreviewPeriod). */
  readonly periodMs: number
  /** Lines (previewHeight). */
  readonly height: number
  readonly format: PictureFormat
  /** From 1 to 100 (previewQuality). */
  readonly quality: number
  /** Whether the pictures of a session take the place of those of the one before (previewOverwrite); else they get `_1`, `_2` … */
  readonly isOverwriting: boolean
}
