import { mask } from './secret.ts';

/** A part of a text that must not be seen: offsets in UTF-16 code units, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The text with `***` in the place of each span; what overlaps or touches is one. */
export function withoutSpans(text: string, spans: readonly Span[]): string {
  let shown = '';
  let at = 0;
  for (const { from, to } of joined(spans)) {
    shown += text.slice(at, from) + mask;
    at = to;
  }
  return shown + text.slice(at);
}

/** In the order of the text, none of them empty, none beside another. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const out: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last === undefined || span.from > last.to) out.push(span);
    else out[out.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return out;
}

export const shifted = (spans: readonly Span[], by: number): readonly Span[] =>
  spans.map(({ from, to }) => ({ from: from + by, to: to + by }));
