import { BlockList, isIP } from 'node:net';
import type { Reason } from './er7.js';
import type { Header } from './header.js';

/** What we know of a sender beforehand (`THROUGHLINE_SENDERS`), by `MSH-3|MSH-4`. */
export interface SenderSettings {
  /** IANA zone of its local times and of its facilities. */
  readonly zone?: string | undefined;
  /** Who gives its numbers when the message does not say. */
  readonly authority?: string | undefined;
  /** Whose numbers a `system` of FHIR means, or the address of a server: `{"urn:oid:1.2.3": "NSH"}`. Absent: the system itself. */
  readonly authorities?: Readonly<Record<string, string>> | undefined;
  /** What its bytes are where MSH-18 is empty, as MSH-18 would say it. Absent: UTF-8 where they are, else Latin-1. */
  readonly characterSet?: string | undefined;
  /** Where it may connect from: addresses, and networks such as `10.1.0.0/16`. Absent: anywhere. */
  readonly addresses?: readonly string[] | undefined;
  /** Names that its client certificate may bear (CN, or a DNS name). Absent: none is asked for. */
  readonly certificates?: readonly string[] | undefined;
  /** What it may send: `ADT^A03`, or `ADT` for every event of it. Absent: everything that is taken. */
  readonly triggers?: readonly string[] | undefined;
  /** `enhanced`: MSH-15 is followed, and answered CA, CE, CR. Else every message gets AA, AE or AR, whatever MSH-15 says. */
  readonly acknowledge?: 'original' | 'enhanced' | undefined;
}

/** Who is at the other end of a connection. */
export interface Peer {
  readonly address: string;
  /** Names in its certificate; none without one. */
  readonly names: readonly string[];
}

/** Which senders are taken. */
export interface SenderRules {
  readonly senders: Readonly<Record<string, SenderSettings>>;
  /** Senders that are not in the list are refused. */
  readonly onlyKnown: boolean;
}

/** Undefined when it is neither an address nor a network. */
const networkOf = (text: string): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | undefined => {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const length = bits === undefined ? most : Number(bits);
  return Number.isInteger(length) && length >= 0 && length <= most ? { address, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' } : undefined;
};

export const isNetwork = (text: string): boolean => networkOf(text) !== undefined;

const within = (address: string, networks: readonly string[]): boolean => {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  const list = new BlockList();
  for (const text of networks) {
    const network = networkOf(text);
    if (network) list.addSubnet(network.address, network.bits, network.family);
  }
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
};

/**
 * Why a message is not taken from whoever sent it. Kept in quarantine like any other; read again on an operator's word, or
 * when it comes from where it may.
 * @param peer absent when it is read again, and nobody is connected
 */
export const notFromThem = ({ senders, onlyKnown }: SenderRules, { sender, trigger }: Header, peer: Peer | undefined): Reason | undefined => {
  const settings = senders[sender];
  if (!settings) return onlyKnown ? { code: 204, where: 'MSH-3', text: 'This sender is not known here; its operator has to be told' } : undefined;
  const { addresses, certificates, triggers } = settings;
  if (peer && addresses && !within(peer.address, addresses)) return { code: 204, where: 'MSH-3', text: 'This sender does not send from this address' };
  if (peer && certificates && !peer.names.some((name) => certificates.includes(name))) return { code: 204, where: 'MSH-3', text: 'This sender shows another certificate, or none' };
  if (triggers && !triggers.some((one) => one === trigger || one === trigger.split('^')[0])) return { code: 201, where: 'MSH-9', text: 'This event is not taken from this sender' };
  return undefined;
};
