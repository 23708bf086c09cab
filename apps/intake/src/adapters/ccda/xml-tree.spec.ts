import fc from 'fast-check';
import { textOf } from './cda-values.js';
import { readXml } from './xml-tree.js';

const reason = (xml: Buffer | string): string => {
  const read = readXml(xml, 'a');
  return 'unreadable' in read ? `${read.unreadable.code} ${read.unreadable.text}` : 'read';
};
const words = (xml: Buffer | string): string => {
  const read = readXml(xml, 'a');
  return 'root' in read ? textOf(read.root) : reason(xml);
};

describe('XML from outside', () => {
  it('says where it stops being XML, and nothing of what stands there', () => {
    expect(reason('<a>\n<Marlow></a>')).toBe('102 The text stops being XML at line 2, column 12');
    expect(reason('')).toMatch(/^102 The text stops being XML/);
    expect(reason('<a><x:b/></a>')).toMatch(/^102 A prefix is used that no xmlns declares, at line 1/);
    expect(reason('<a>&secret;</a>')).toMatch(/^102 The text stops being XML at line 1/);
  });

  it('expands no entities of a document type, and fetches nothing: it takes none at all', () => {
    const laughs = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]><a>&y;</a>';
    for (const xml of [laughs, '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>']) expect(reason(xml)).toBe('102 A document type (DOCTYPE) is not read; send the document without it');
    expect(words('<a>&lt;b&gt; &amp; &#233;<![CDATA[<c>]]></a>')).toBe('<b> & é<c>');
  });

  it('goes only so deep, and only so far', () => {
    expect(reason(`<a>${'<b>'.repeat(99)}${'</b>'.repeat(99)}</a>`)).toBe('read');
    expect(reason(`<a>${'<b>'.repeat(100)}${'</b>'.repeat(100)}</a>`)).toContain('nests deeper than 100');
    expect(reason(`<a>${'<b/>'.repeat(150_000)}</a>`)).toContain('more than 150000 elements');
  });

  it('is read in the character set that it declares', () => {
    expect(words(Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>Zo\u00eb</a>', 'latin1'))).toBe('Zoë');
    expect(words(Buffer.from('\uFEFF<a>Zoë</a>', 'utf16le'))).toBe('Zoë');
    expect(words(Buffer.from('\uFEFF<a>Zoë</a>', 'utf8'))).toBe('Zoë');
    expect(reason(Buffer.from('<a>Zo\u00eb</a>', 'latin1'))).toBe('102 The bytes are not in the character set that the XML declares (UTF-8 where it declares none)');
    expect(reason(Buffer.from('<?xml version="1.0" encoding="klingon"?><a/>'))).toMatch(/^102 The bytes are not in/);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readXml(Buffer.from(bytes), 'a')), { numRuns: 300 });
    fc.assert(fc.property(fc.array(fc.constantFrom('<a>', '</a>', '<a', ' b="', '"', '<!', '&x;', '&#0;', '<![CDATA[', ']]>', '<?', '?>', ' ')), (some) => void readXml(some.join(''), 'a')), { numRuns: 300 });
  });
});
