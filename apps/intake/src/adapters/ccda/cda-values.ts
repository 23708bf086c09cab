import { isElement, type XmlElement } from './xml-tree.js';

export const CDA = 'urn:hl7-org:v3';
export const SDTC = 'urn:hl7-org:sdtc';

const MAX_TEXT = 1_000;
const MAX_VALUE = 200;

/** Its children, of the standard's own names. */
export const parts = (element: XmlElement | undefined, space = CDA): readonly XmlElement[] => element?.children.filter(isElement).filter((child) => child.space === space) ?? [];

export const all = (element: XmlElement | undefined, name: string, space = CDA): readonly XmlElement[] => parts(element, space).filter((child) => child.name === name);

/** The first one down this path. */
export const first = (element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined =>
  path.reduce<XmlElement | undefined>((found, name) => all(found, name)[0], element);

/** `nullFlavor` says why there is nothing: whatever else stands there is not said. */
export const isNull = (element: XmlElement | undefined): boolean => element?.attributes.has('nullFlavor') ?? false;

/** An attribute that says something. */
export const attribute = (element: XmlElement | undefined, name: string, most = MAX_VALUE): string | undefined => {
  if (element === undefined || isNull(element)) return undefined;
  const value = element.attributes.get(name)?.trim() ?? '';
  return value === '' || value.length > most ? undefined : value;
};

/** Inside a line of the narrative words run on; between lines and cells they do not. */
const INLINE: readonly string[] = ['content', 'sub', 'sup', 'linkHtml', 'footnoteRef'];

/** No more than can be used: thousands of places may point at one and the same page. */
const ENOUGH = 20 * MAX_TEXT;

const gather = (element: XmlElement, words: string[], left: number): number => {
  let rest = left;
  for (const child of element.children) {
    if (rest <= 0) return 0;
    if (isElement(child)) {
      const inline = INLINE.includes(child.name);
      if (!inline) words.push(' ');
      rest = gather(child, words, rest - 1);
      if (!inline) words.push(' ');
    } else {
      words.push(child.slice(0, rest));
      rest -= child.length;
    }
  }
  return rest;
};

/** All the words in it. */
export const textOf = (element: XmlElement | undefined): string => {
  if (element === undefined || isNull(element)) return '';
  const words: string[] = [];
  gather(element, words, ENOUGH);
  return words.join('').replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT);
};

/** II. A root alone names a thing where the guide allows it (a UUID, an OID of its own). */
export interface InstanceId {
  readonly root: string;
  readonly extension?: string;
}

export const idOf = (element: XmlElement | undefined): InstanceId | undefined => {
  const root = attribute(element, 'root');
  if (root === undefined) return undefined;
  const extension = attribute(element, 'extension', 150);
  return extension === undefined ? { root } : { root, extension };
};

export const idsOf = (element: XmlElement | undefined): readonly InstanceId[] => all(element, 'id').map(idOf).filter((id) => id !== undefined);

export const numberOf = ({ root, extension }: InstanceId): string => (extension === undefined ? root : `${root}^${extension}`);

/** The number that its source gave the thing. */
export const ownNumber = (element: XmlElement | undefined): string | undefined => idsOf(element).map(numberOf)[0];

export const hasTemplate = (element: XmlElement, ...roots: readonly string[]): boolean => all(element, 'templateId').some((id) => roots.includes(id.attributes.get('root') ?? ''));

export const isNegated = (element: XmlElement): boolean => element.attributes.get('negationInd') === 'true';
