/** What supervisors ask in numbers: docs/measures.md defines each measure. */
import type { Name } from '../model/protocol'
import { call } from './session'

export const PERIODS = ['today', '7d', '30d'] as const
export type Period = (typeof PERIODS)[number]
export const DIMENSIONS = ['reason', 'team', 'agent', 'channel', 'language', 'who', 'rule', 'day'] as const
export type Dimension = (typeof DIMENSIONS)[number]

export interface Question {
  period: Period
  by: Dimension
  /** Empty: all of them. */
  team: string
  channel: string
  language: string
}

export interface Measure {
  /** Of times the mean, in milliseconds; of shares 0 to 1. None where there is nothing to say. */
  value: number | null
  n: number
  median?: number | null
  p90?: number | null
  previous: number | null
  previous_n: number
  unit: 'count' | 'share' | 'ms' | 'points'
  /** What the value is compared with, in its unit. */
  target: number | null
}

export type Measures = Record<string, Measure>

export interface Measured {
  from: number
  to: number
  time_zone: string
  measures: Measures
  groups: { key: string | null; name: string | Name | null; measures: Measures }[]
  definitions: Record<string, Name>
}

/** @throws SessionError with the code of the refusal */
export async function readMeasures(question: Question): Promise<Measured> {
  return (await call('GET', query(question))) as Measured
}

/** The address of the same numbers for a spreadsheet. */
export function tableAddress(question: Question): string {
  return `/api/v1/${query(question)}&format=csv`
}

function query(question: Question): string {
  const asked = Object.entries(question).filter(([, value]) => value)
  return `measures?${new URLSearchParams(asked)}`
}
