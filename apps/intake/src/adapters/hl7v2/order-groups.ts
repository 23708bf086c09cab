import type { Segment } from './er7.js';

/** An order, or the report on one: ORC, OBR, and what follows them. */
export interface OrderGroup {
  readonly orc?: Segment;
  readonly obr?: Segment;
  readonly segments: readonly Segment[];
}

/**
 * Each OBR is a test of its own; several under one ORC share it.
 * @param orcFollows the ORC stands behind its OBR (OUL^R22 to R24), elsewhere before it
 */
export const orderGroups = (segments: readonly Segment[], orcFollows = false): readonly OrderGroup[] => {
  const groups: { orc?: Segment; obr?: Segment; segments: Segment[] }[] = [];
  for (const segment of segments) {
    const last = groups.at(-1);
    if (segment.name === 'ORC' && !orcFollows) groups.push({ orc: segment, segments: [] });
    else if (segment.name === 'ORC') {
      if (last) last.orc ??= segment;
    } else if (segment.name === 'OBR' && last && !last.obr) last.obr = segment;
    else if (segment.name === 'OBR') groups.push({ ...(last?.orc && !orcFollows ? { orc: last.orc } : {}), obr: segment, segments: [] });
    else last?.segments.push(segment);
  }
  return groups;
};
