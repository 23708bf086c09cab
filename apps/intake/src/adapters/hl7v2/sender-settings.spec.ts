import { isNetwork, notFromThem, type Peer, type SenderRules } from './sender-settings.js';

const rules: SenderRules = {
  onlyKnown: true,
  senders: { 'EHR|NORTH': { addresses: ['10.1.0.0/16', '192.0.2.7', '2001:db8::/32'], certificates: ['ehr.north.example'], triggers: ['ADT', 'RDE^O11'] }, 'LAB|NORTH': {} },
};
const peer = (address: string, ...names: readonly string[]): Peer => ({ address, names });
const refused = (sender: string, trigger: string, from: Peer | undefined): string | undefined => {
  const reason = notFromThem(rules, { sender, controlId: 'c', trigger }, from);
  return reason && `${reason.code} ${reason.where}`;
};
const AT_HOME = peer('10.1.2.3', 'ehr.north.example');

describe('whom messages are taken from', () => {
  it('takes a known sender from where it may send what it may', () => {
    for (const from of [AT_HOME, peer('::ffff:10.1.2.3', 'ehr.north.example'), peer('192.0.2.7', 'other', 'ehr.north.example'), peer('2001:db8::9', 'ehr.north.example')]) expect(refused('EHR|NORTH', 'ADT^A03', from)).toBeUndefined();
    expect(refused('EHR|NORTH', 'RDE^O11', AT_HOME)).toBeUndefined();
    expect(refused('LAB|NORTH', 'ADT^A03', peer('203.0.113.1'))).toBeUndefined();
  });

  it('says why not', () => {
    expect(refused('EHR|SOUTH', 'ADT^A03', AT_HOME)).toBe('204 MSH-3');
    expect(refused('EHR|NORTH', 'ADT^A03', peer('10.2.0.1', 'ehr.north.example'))).toBe('204 MSH-3');
    expect(refused('EHR|NORTH', 'ADT^A03', peer('10.1.2.3'))).toBe('204 MSH-3');
    expect(refused('EHR|NORTH', 'RDE^O25', AT_HOME)).toBe('201 MSH-9');
  });

  it('looks at the message alone when it is read again', () => {
    expect(refused('EHR|NORTH', 'ADT^A03', undefined)).toBeUndefined();
    expect(refused('EHR|SOUTH', 'ADT^A03', undefined)).toBe('204 MSH-3');
  });

  it('takes everybody unless told otherwise', () => {
    expect(notFromThem({ ...rules, onlyKnown: false }, { sender: 'ANY|ONE', controlId: 'c', trigger: 'ADT^A03' }, peer('203.0.113.1'))).toBeUndefined();
  });

  it('knows a network when it sees one', () => {
    expect(['10.0.0.0/8', '10.0.0.1', '::1', '2001:db8::/32', '10.0.0.0/33', '10.0.0', 'host', '10.0.0.0/x', ''].map(isNetwork)).toEqual([true, true, true, true, false, false, false, false, false]);
  });
});
