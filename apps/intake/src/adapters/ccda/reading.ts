import { offsetOf, readTime, type Hl7Time } from '../../domain/hl7-time.js';
import { attribute, first, textOf } from './cda-values.js';
import { isElement, type XmlElement } from './xml-tree.js';

/** What is needed to read any part of one document: the narrative that its parts point into, and the zone of its times. */
export interface Reading {
  readonly zone: string;
  /** When the document was written, as far as it says. */
  readonly written?: Hl7Time | undefined;
  /** The instant at which it counts as written. */
  readonly asOf: string;
  readonly time: (element: XmlElement | undefined) => Hl7Time | undefined;
  /** `text` and `originalText`: words of their own, else those in the narrative that they point at. */
  readonly words: (element: XmlElement | undefined) => string;
  /** The place in the narrative that it points at. */
  readonly place: (element: XmlElement | undefined) => XmlElement | undefined;
}

/** Everything that has an ID, by it. The first one counts where a sender gives two the same. */
const placesIn = (root: XmlElement): ReadonlyMap<string, XmlElement> => {
  const places = new Map<string, XmlElement>();
  const visit = (element: XmlElement): void => {
    const id = element.attributes.get('ID');
    if (id !== undefined && !places.has(id)) places.set(id, element);
    element.children.filter(isElement).forEach(visit);
  };
  visit(root);
  return places;
};

const ownWords = (element: XmlElement): string => textOf({ ...element, children: element.children.filter((child) => !isElement(child) || child.name !== 'reference') });

/**
 * A zone set for the sender, else what the document's own time says for the whole: the default zone where that has the same offset
 * then (a document tells of summer and winter), else the offset.
 */
const zoneOf = (written: string, ofSender: string | undefined, defaultZone: string): string => {
  const offset = offsetOf(written);
  if (ofSender !== undefined || offset === undefined) return ofSender ?? defaultZone;
  return readTime(written, defaultZone)?.instant === readTime(written.replace(/[+-]\d{4}$/, ''), defaultZone)?.instant ? defaultZone : offset;
};

export const readingOf = (root: XmlElement, ofSender: string | undefined, defaultZone: string, receivedAt: string): Reading => {
  const time = first(root, 'effectiveTime');
  const assumed = zoneOf(attribute(time, 'value') ?? '', ofSender, defaultZone);
  const read: Reading['time'] = (element) => readTime(attribute(element, 'value') ?? '', assumed);
  const places = placesIn(root);
  const place: Reading['place'] = (element) => places.get((attribute(first(element, 'reference'), 'value') ?? '').replace(/^#/, ''));
  const written = read(time);
  return {
    zone: ofSender ?? defaultZone,
    written,
    asOf: written?.instant ?? receivedAt,
    time: read,
    place,
    words: (element) => (element === undefined ? '' : ownWords(element) || textOf(place(element))),
  };
};
