import type { StreamInfo } from '../codecs/stream-info.ts'
import { relativeUri } from '../uri.ts'
import type { BitRates } from './bit-rates.ts'

/** A media playlist as a multivariant one presents it; what is not known is left out. */
export interface Variant {
  /** The stored name of the media playlist. */
  readonly name: string
  /** Bits a second. */
  readonly bandwidth: number
  readonly averageBandwidth: number
  /** Names of RFC 6381, with commas between them. */
  readonly codecs?: string
  /** `WIDTHxHEIGHT`, in pixels. */
  readonly resolution?: string
  /** Pictures in a second, with three decimals. */
  readonly frameRate?: string
}

/** A multivariant playlist that was made here. */
export interface VariantList {
  readonly variants: readonly Variant[]
  /** All media playlists say EXT-X-INDEPENDENT-SEGMENTS. */
  readonly isIndependent: boolean
}

/** How far bit rates may drift, as a part of what they were, until that is news. */
const DRIFT = 0.1

/** A variant in the words of its tag (RFC 8216bis section 4.4.6.2). */
export function variantOf(name: string, { peak, average }: BitRates, info: StreamInfo): Variant {
  const { codecs, size, frameRate } = info
  return {
    name,
    bandwidth: Math.ceil(peak),
    averageBandwidth: Math.round(average),
    ...(codecs.length === 0 ? {} : { codecs: codecs.join(',') }),
    ...(size === undefined ? {} : { resolution: `${size.width}x${size.height}` }),
    ...(frameRate === undefined ? {} : { frameRate: frameRate.toFixed(3) }),
  }
}

/**
 * The text of a multivariant playlist of this name. Many players begin with the first variant: that is the one of the least
 * BANDWIDTH, which comes through wherever another would. Those with a RESOLUTION come before those without: sound alone, if there
 * is a picture, is for those who can have no more.
 */
export function renderVariants(name: string, { variants, isIndependent }: VariantList): string {
  const rank = ({ resolution }: Variant) => (resolution === undefined ? 1 : 0)
  const inOrder = [...variants].sort((one, other) => rank(one) - rank(other) || one.bandwidth - other.bandwidth)
  const lines = inOrder.flatMap((variant) => [
    `#EXT-X-STREAM-INF:${attributesOf(variant).join(',')}`,
    relativeUri(name, variant.name),
  ])
  const head = ['#EXTM3U', ...(isIndependent ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : [])]
  return [...head, ...lines].map((line) => `${line}\n`).join('')
}

function attributesOf({ bandwidth, averageBandwidth, codecs, resolution, frameRate }: Variant): string[] {
  return [
    `BANDWIDTH=${bandwidth}`,
    `AVERAGE-BANDWIDTH=${averageBandwidth}`,
    ...(codecs === undefined ? [] : [`CODECS="${codecs}"`]),
    ...(resolution === undefined ? [] : [`RESOLUTION=${resolution}`]),
    ...(frameRate === undefined ? [] : [`FRAME-RATE=${frameRate}`]),
  ]
}

/** Whether a list tells players more than that bit rates have drifted a little. */
export function isNewList(before: VariantList, now: VariantList): boolean {
  const known = new Map(before.variants.map((variant) => [variant.name, variant]))
  if (before.isIndependent !== now.isIndependent || known.size !== now.variants.length) return true
  return now.variants.some((variant) => {
    const old = known.get(variant.name)
    return old === undefined || isNewVariant(old, variant)
  })
}

function isNewVariant(old: Variant, now: Variant): boolean {
  const isSame = old.codecs === now.codecs && old.resolution === now.resolution && old.frameRate === now.frameRate
  return !isSame || isFar(old.bandwidth, now.bandwidth) || isFar(old.averageBandwidth, now.averageBandwidth)
}

function isFar(old: number, now: number): boolean {
  return Math.abs(now - old) >= DRIFT * old
}
