import type { Logger } from 'pino';
import type { SessionLimits } from './sessions.js';

export interface FrontOptions extends SessionLimits {
  readonly host: string;
  readonly port: number;
  /** How browsers reach it; default: the address it listens on. Decides cookies, the sign-in's way back and the `Secure` mark. */
  readonly publicUrl?: string;
  /** Service -> base URL of each of its copies. */
  readonly upstreams: Readonly<Record<string, readonly string[]>>;
  readonly issuer: { readonly url: string; readonly clientId: string; readonly clientSecret: string };
  /** The console's built files; a plain page stands in while they are missing. */
  readonly consoleFolder: string;
  readonly asyncApiFile: string;
  readonly logger: Logger;
}

/** Where this front is, once it listens. */
export interface Place {
  readonly publicUrl: string;
  readonly secure: boolean;
  readonly sessionCookie: string;
  readonly flowCookie: string;
}

/** Cookies of one host are shared by all its ports, so the port is part of their names: two instances do not sign each other out. */
export const placeOf = (publicUrl: string): Place => {
  const { protocol, port } = new URL(publicUrl);
  const secure = protocol === 'https:';
  const suffix = port || 'web';
  return { publicUrl: publicUrl.replace(/\/$/, ''), secure, sessionCookie: `${secure ? '__Host-' : ''}throughline_${suffix}`, flowCookie: `throughline_flow_${suffix}` };
};
